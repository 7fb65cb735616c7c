import type { Segment } from "./port.js";

/** Ids of cancelled segments that are remembered: their jobs may be taken later. */
const REMEMBERED = 10_000;

export interface Order {
  readonly segment: Segment;
  readonly signal: AbortSignal;
}

/** The segments in a worker's hands, and those cancelled before they came. A segment may be here twice. */
export class OrderBook {
  private readonly held = new Map<string, Set<AbortController>>();
  private readonly cancelled = new Set<string>();
  private readonly controllers = new WeakMap<Order, AbortController>();

  open(segments: readonly Segment[]): Order[] {
    return segments.map((segment) => {
      const controller = new AbortController();
      const order = { segment, signal: controller.signal };
      this.controllers.set(order, controller);
      const all = this.held.get(segment.id) ?? new Set();
      this.held.set(segment.id, all.add(controller));
      if (this.cancelled.delete(segment.id)) controller.abort();
      return order;
    });
  }

  close(orders: readonly Order[]): void {
    for (const order of orders) {
      const all = this.held.get(order.segment.id);
      all?.delete(this.controllers.get(order)!);
      if (all?.size === 0) this.held.delete(order.segment.id);
    }
  }

  cancel(id: string): void {
    const all = this.held.get(id);
    if (all) for (const controller of all) controller.abort();
    else this.remember(id);
  }

  cancelAll(): void {
    for (const id of this.held.keys()) this.cancel(id);
  }

  private remember(id: string): void {
    this.cancelled.add(id);
    if (this.cancelled.size > REMEMBERED) this.cancelled.delete(this.cancelled.values().next().value!);
  }
}
