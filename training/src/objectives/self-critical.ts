/**
 * Weights of −ln p for self-critical sequence training (Rennie et al. 2017): REINFORCE whose baseline is the reward of
 * what the model itself answers greedily. The gradient of the expected reward E[r(y)] is E[(r(y) − b) · ∇ln p(y)] for any b
 * that does not depend on y, so over N samples the loss Σ (r(y) − b) / N · −ln p(y), the weights held constant, has
 * minus that expectation as its expected gradient.
 * @returns one for each sample: positive where it was better than the greedy sequence
 */
export function selfCriticalWeights(rewards: readonly number[], { greedy }: { greedy: number }): number[] {
  return rewards.map((reward) => (reward - greedy) / rewards.length);
}
