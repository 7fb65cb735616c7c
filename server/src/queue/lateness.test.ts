import { expect, it } from "vitest";
import { Lateness } from "./lateness.js";

it("is more than nearly all of what is observed, and is forgotten when that changes", () => {
  const lateness = new Lateness();
  expect(lateness.mostMs).toBe(0);
  let [seed, beyond] = [1, 0];
  const late = () => {
    seed = (seed * 48271) % 0x7fffffff;
    return seed % 100;
  };
  for (let k = 0; k < 1000; k++) {
    const ms = late();
    if (k >= 100 && ms > lateness.mostMs) beyond++;
    lateness.observe(ms);
  }
  expect(beyond).toBeLessThan(10);
  expect(lateness.mostMs).toBeLessThan(200);
  for (let k = 0; k < 500; k++) lateness.observe(-20);
  expect(lateness.mostMs).toBeLessThan(1);
});
