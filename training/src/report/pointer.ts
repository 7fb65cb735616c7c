/**
 * The script of the page: pointing at a chart shows the step and the values there. It reads the lines themselves: their
 * points are pixels, and data-values holds step:value for each of them.
 */
export const POINTER_SCRIPT = `
const tip = document.getElementById("tip");
for (const plot of document.querySelectorAll(".chart .plot")) {
  const lines = [...plot.querySelectorAll("polyline")].map((line) => ({
    label: line.dataset.label,
    xs: line.getAttribute("points").split(" ").map((p) => Number(p.split(",")[0])),
    values: line.dataset.values.split(" ").map((v) => v.split(":")),
  }));
  const pointer = document.createElementNS(plot.namespaceURI, "path");
  pointer.setAttribute("class", "pointer");
  const chart = plot.parentElement;
  const leave = () => { tip.hidden = true; pointer.remove(); };
  chart.addEventListener("pointerleave", leave);
  chart.addEventListener("pointermove", (event) => {
    const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse()).x;
    const near = lines.map(({ label, xs, values }) => {
      const at = xs.reduce((best, v, k) => (Math.abs(v - x) < Math.abs(xs[best] - x) ? k : best), 0);
      return { label, x: xs[at], step: values[at][0], value: values[at][1] };
    });
    if (near.length === 0) return leave();
    const closest = near.reduce((a, b) => (Math.abs(a.x - x) <= Math.abs(b.x - x) ? a : b));
    pointer.setAttribute("d", "M" + closest.x + " 0V1000");
    plot.append(pointer);
    tip.textContent = near.map((n) => "step " + n.step + "  " + n.label + "  " + n.value).join("\\n");
    tip.hidden = false;
    const right = event.clientX + tip.offsetWidth + 24 > innerWidth;
    tip.style.left = event.clientX + (right ? -tip.offsetWidth - 14 : 14) + "px";
    tip.style.top = event.clientY + 14 + "px";
  });
}
`;
