import { FinishReason, type generation } from "@carousel/protos";
import type { CallContext } from "../call-context.js";
import type { Services } from "../services.js";
import { checkText, samplingOptions } from "../validate.js";
import { serverStream, unary } from "./call.js";
import { toFinishReason } from "./translation.js";

export function generationService(services: Services): generation.GenerationServiceServer {
  const { generator } = services;
  const callOf = (request: generation.GenerateRequest, context: CallContext) => {
    checkText(request.prompt, "prompt");
    return { model: request.model, prompt: request.prompt, options: samplingOptions(request), ...context };
  };
  return {
    generate: unary(services, "Generate", async (request: generation.GenerateRequest, context) => {
      const { finishReason, tokens, ...rest } = await generator.generate(callOf(request, context));
      return { ...rest, finishReason: toFinishReason(finishReason), tokens: tokens.map((t) => ({ ...t })) };
    }),
    generateStream: serverStream<generation.GenerateRequest, generation.GenerateStreamResponse>(
      services,
      "GenerateStream",
      async (request, context, write) => {
        let written = Promise.resolve();
        const onPiece = (text: string) => {
          const piece = { text, finishReason: FinishReason.FINISH_REASON_UNSPECIFIED, modelVersion: "" };
          written = written.then(() => write(piece));
        };
        const { finishReason, modelVersion } = await generator.generate({ ...callOf(request, context), onPiece });
        await written;
        await write({ text: "", finishReason: toFinishReason(finishReason), modelVersion });
      },
    ),
  };
}
