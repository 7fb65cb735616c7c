export { CONFIG_KEYS, type Config, type ConfigInput, environmentName, loadConfig } from "./config.js";
export type { Device } from "./device.js";
export { CarouselError } from "./errors.js";
export { samplingOptions, searchOptions } from "./gateway/validate.js";
export type { Hypothesis, SearchOptions, SegmentResult } from "./queue/port.js";
export { type Running, startGateway, startServer, startWorker } from "./roles.js";
export { derivedSeed } from "./seeds.js";
export type { TextHypothesis } from "./translation/join.js";
export type { TranslatedText } from "./translation/translator.js";
