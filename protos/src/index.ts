import { fileURLToPath } from "node:url";

export * as batch from "./gen/carousel/v1/batch.js";
export * as generation from "./gen/carousel/v1/generation.js";
export * as glossary from "./gen/carousel/v1/glossary.js";
export * as model from "./gen/carousel/v1/model.js";
export * as modelAdmin from "./gen/carousel/v1/model_admin.js";
export { FinishReason, SearchOptions } from "./gen/carousel/v1/search.js";
export * as translation from "./gen/carousel/v1/translation.js";
export { BadRequest, ErrorInfo, RetryInfo } from "./gen/google/rpc/error_details.js";
export { Any, Status } from "./gen/google/rpc/status.js";

/** The folder of the .proto files. */
export const protoFolder = fileURLToPath(new URL("../proto", import.meta.url));
