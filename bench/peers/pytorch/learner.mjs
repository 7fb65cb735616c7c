// Carousel's training steps of a setting, as `carousel train` makes them.
import { seq2seqTrainGraph } from "@carousel/training/models/train-graph";
import { createStepper } from "@carousel/training/trainer/stepper";

/** First parameters and the steps that train them: masks, forward, backward, clipping, optimizer. */
export async function learnerOf({ network, training, threads }) {
  const graph = seq2seqTrainGraph(network, { smoothing: training.labelSmoothing });
  return { graph, ...(await createStepper(graph, { training: { ...training, threads } })) };
}
