/** The Euclidean norm of all gradients together. NaN or ∞ when any of them is. */
export function globalNorm(gradients: Float32Array): number {
  // four sums, so that an addition need not wait for the one before it
  let [a, b, c, d] = [0, 0, 0, 0];
  const fours = gradients.length & ~3;
  for (let i = 0; i < fours; i += 4) {
    a += gradients[i]! ** 2;
    b += gradients[i + 1]! ** 2;
    c += gradients[i + 2]! ** 2;
    d += gradients[i + 3]! ** 2;
  }
  for (let i = fours; i < gradients.length; i++) a += gradients[i]! ** 2;
  return Math.sqrt(a + b + c + d);
}

/** What to multiply gradients of this norm by, so that the norm is at most `maximum` (Pascanu et al. 2013). */
export function clippingScale(norm: number, maximum: number): number {
  return norm > maximum ? maximum / norm : 1;
}
