import { withoutControls, xmlText } from "./text.ts";

/**
 * Draws what an element shows as an SVG of its own: text, fills, lines, pictures.
 *
 * `foreignObject` would be shorter, but such a file opens in browsers only, and taints a canvas.
 */
export function svgOf(root: HTMLElement): string {
  const box = root.getBoundingClientRect();
  const [width, height] = [root.clientWidth, root.scrollHeight];
  const parts: string[] = [];
  const origin = { x: box.left, y: box.top - root.scrollTop };
  const paper = getComputedStyle(root.closest(".cutaway") ?? root).getPropertyValue("background-color");
  parts.push(`<rect width="${width}" height="${height}" fill="${visible(backgroundOf(root)) ? backgroundOf(root) : paper}"/>`);
  for (const child of root.children) draw(child, origin, parts);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${parts.join("")}</svg>`;
}

/** The same as pixels, twice as fine as the page's. */
export async function pngOf(root: HTMLElement, finer = 2): Promise<Blob> {
  const svg = svgOf(root);
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    // Browsers give up beyond some 16,000 pixels a side.
    const scale = Math.min(finer, 16_000 / Math.max(image.width, image.height, 1));
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large to save."))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function draw(element: Element, origin: Place, parts: string[]): void {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || Number(style.opacity) === 0) return;
  if (element.matches(".unseen, dialog, script, style")) return;
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left - origin.x, box.top - origin.y];
  if (element instanceof SVGSVGElement) {
    parts.push(embedded(element, x, y, box));
    return;
  }
  if (style.display !== "contents") drawBox(style, x, y, box, parts);
  if (element instanceof HTMLCanvasElement || element instanceof HTMLImageElement) {
    drawPicture(element, x, y, box, style, parts);
    return;
  }
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) {
    const shown = element instanceof HTMLSelectElement ? (element.selectedOptions[0]?.text ?? "") : element.value;
    if (!element.matches("[type=range], [type=checkbox], [type=file]") && shown)
      parts.push(text(shown, x + 8, y + box.height / 2, style));
    return;
  }
  for (const child of element.childNodes) {
    if (child instanceof Text) drawText(child, style, origin, parts);
    else if (child instanceof Element) draw(child, origin, parts);
  }
}

function drawBox(style: CSSStyleDeclaration, x: number, y: number, box: DOMRect, parts: string[]): void {
  const fill = style.backgroundColor;
  const radius = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, box.width / 2, box.height / 2);
  const line = Number.parseFloat(style.borderTopWidth) || 0;
  const stroke = line && visible(style.borderTopColor) && style.borderTopStyle !== "none" ? style.borderTopColor : "none";
  if ((!visible(fill) && stroke === "none") || !box.width || !box.height) {
    drawUnderline(style, x, y, box, parts);
    return;
  }
  parts.push(
    `<rect x="${at(x + line / 2)}" y="${at(y + line / 2)}" width="${at(Math.max(box.width - line, 0))}" height="${at(Math.max(box.height - line, 0))}" rx="${at(radius)}" fill="${visible(fill) ? fill : "none"}" stroke="${stroke}" stroke-width="${line}"/>`,
  );
}

function drawUnderline(style: CSSStyleDeclaration, x: number, y: number, box: DOMRect, parts: string[]): void {
  const line = Number.parseFloat(style.borderBottomWidth) || 0;
  if (!line || !visible(style.borderBottomColor)) return;
  parts.push(
    `<line x1="${at(x)}" x2="${at(x + box.width)}" y1="${at(y + box.height)}" y2="${at(y + box.height)}" stroke="${style.borderBottomColor}" stroke-width="${line}"/>`,
  );
}

function drawPicture(
  element: HTMLCanvasElement | HTMLImageElement,
  x: number,
  y: number,
  box: DOMRect,
  style: CSSStyleDeclaration,
  parts: string[],
): void {
  const source = element instanceof HTMLCanvasElement ? element.toDataURL() : pixelsOf(element);
  const fit = style.objectFit === "contain" ? "xMidYMid meet" : "none";
  const rough = style.imageRendering === "pixelated" ? ' style="image-rendering:pixelated"' : "";
  parts.push(
    `<image x="${at(x)}" y="${at(y)}" width="${at(box.width)}" height="${at(box.height)}" preserveAspectRatio="${fit}" opacity="${style.opacity}"${rough} href="${source}"/>`,
  );
}

function pixelsOf(image: HTMLImageElement): string {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  return canvas.toDataURL();
}

/** A line of text at a time, where the page broke it. */
function drawText(node: Text, style: CSSStyleDeclaration, origin: Place, parts: string[]): void {
  if (!node.data.trim()) return;
  const range = document.createRange();
  let line = "";
  let left = 0;
  let middle = NaN;
  const flush = () => {
    if (line.trim()) parts.push(text(line.trim(), left - origin.x, middle - origin.y, style));
    line = "";
  };
  for (let place = 0; place < node.data.length; place += 1) {
    range.setStart(node, place);
    range.setEnd(node, place + 1);
    const box = range.getBoundingClientRect();
    if (!box.width && !box.height) continue;
    const here = box.top + box.height / 2;
    if (Math.abs(here - middle) > 2 || Number.isNaN(middle)) {
      flush();
      middle = here;
      left = box.left;
    }
    line += node.data[place];
  }
  flush();
}

function text(words: string, x: number, middle: number, style: CSSStyleDeclaration): string {
  const family = style.fontFamily.replaceAll('"', "'");
  return `<text x="${at(x)}" y="${at(middle)}" dominant-baseline="central" font-family="${family}" font-size="${style.fontSize}" font-weight="${style.fontWeight}" fill="${style.color}">${xmlText(words)}</text>`;
}

const SVG_STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family"] as const;

/** A copy of a drawing of the page with what style sheets give it written into it. */
function embedded(svg: SVGSVGElement, x: number, y: number, box: DOMRect): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((one, place) => {
    const style = getComputedStyle(originals[place]);
    for (const name of SVG_STYLES) one.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role", "aria-label", "aria-current", "data-stop"]) one.removeAttribute(name);
  });
  for (const name of ["class", "style", "role", "aria-label"]) copy.removeAttribute(name);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("x", at(x));
  copy.setAttribute("y", at(y));
  copy.setAttribute("width", at(box.width));
  copy.setAttribute("height", at(box.height));
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${at(box.width)} ${at(box.height)}`);
  return withoutControls(new XMLSerializer().serializeToString(copy));
}

function backgroundOf(element: Element): string {
  for (let one: Element | null = element; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (visible(colour)) return colour;
  }
  return "#ffffff";
}

function visible(colour: string): boolean {
  return colour !== "transparent" && colour !== "" && !/[,/]\s*0\)$/.test(colour);
}

function at(place: number): string {
  return String(Math.round(place * 100) / 100);
}
