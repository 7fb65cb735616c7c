// Carousel's training step of a setting, as `carousel train` makes it.
import { seq2seqTrainGraph } from "@carousel/training/models/train-graph";
import { Random } from "@carousel/training/random";
import { optimizerOf } from "@carousel/training/trainer/from-recipe";
import { ParameterLayout } from "@carousel/training/trainer/parameters";
import { TrainStep } from "@carousel/training/trainer/train-step";

/** First parameters and the step that trains them: masks, forward, backward, clipping, optimizer. */
export async function learnerOf({ network, training, threads }) {
  const graph = seq2seqTrainGraph(network, { smoothing: training.labelSmoothing });
  const layout = new ParameterLayout(graph.parameters);
  const parameters = layout.initialize(new Random(training.seed));
  const optimizer = optimizerOf(training, layout.size);
  const { seed, clipNorm } = training;
  const step = await TrainStep.create({ graph, layout, parameters, optimizer, clipNorm, seed, threads });
  return { graph, layout, parameters, step };
}
