/** The Euclidean norm of all gradients together. NaN or ∞ when any of them is. */
export function globalNorm(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) {
    const g = gradients[i]!;
    sum += g * g;
  }
  return Math.sqrt(sum);
}

/** What to multiply gradients of this norm by, so that the norm is at most `maximum` (Pascanu et al. 2013). */
export function clippingScale(norm: number, maximum: number): number {
  return norm > maximum ? maximum / norm : 1;
}
