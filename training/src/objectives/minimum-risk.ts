/** A sequence that was sampled for a sentence. */
export interface Candidate {
  /** Under the model itself. */
  readonly logProbability: number;
  /** 0 to 1; its cost is 1 − reward. */
  readonly reward: number;
}

/**
 * How likely each of several distinct sequences is among them, sharpened: Q(y) ∝ p(y)^α (Shen et al. 2016). Their α of
 * 0.005 is nearly even; 1 is the model's own distribution.
 */
export function renormalized(candidates: readonly Candidate[], { sharpness }: { sharpness: number }): number[] {
  const largest = Math.max(...candidates.map((c) => c.logProbability));
  const masses = candidates.map((c) => Math.exp(sharpness * (c.logProbability - largest)));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.map((mass) => mass / total);
}

/**
 * Weights of −ln p for minimum risk training (Shen et al. 2016). The risk of a sentence is R = Σ Q(y)·(1 − r(y)) over the
 * sequences that were sampled, Q ∝ p^α. As ∇Q(y) = α·Q(y)·(∇ln p(y) − Σ Q(z)·∇ln p(z)),
 *
 *     ∇R = −Σ r(y)·∇Q(y) = −α·Σ Q(y)·(r(y) − r̄)·∇ln p(y),   r̄ = Σ Q(z)·r(z),
 *
 * which is the gradient of Σ w(y)·−ln p(y) with w(y) = α·Q(y)·(r(y) − r̄) held constant: the mean reward is the baseline.
 * @param candidates distinct sequences of one sentence
 * @returns one for each candidate; they sum to 0
 */
export function minimumRiskWeights(candidates: readonly Candidate[], { sharpness }: { sharpness: number }): number[] {
  const shares = renormalized(candidates, { sharpness });
  const mean = candidates.reduce((sum, c, k) => sum + shares[k]! * c.reward, 0);
  return candidates.map((c, k) => sharpness * shares[k]! * (c.reward - mean));
}
