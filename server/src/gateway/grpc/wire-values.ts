import { invalid } from "../../errors.js";

/** What a value on the wire stands for. @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
export function known<Wire, Own>(values: ReadonlyMap<Wire, Own>, value: Wire, field: string): Own {
  return values.get(value) ?? invalid(field, `is ${value}; it must be one of ${[...values.keys()].join(", ")}`);
}
