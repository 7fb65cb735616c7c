// Prints the sha256 over the names and contents of the chart's files.
import { chartHash } from "../dist/chart-hash.js";

console.log(chartHash());
