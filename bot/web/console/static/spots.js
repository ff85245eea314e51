// Frames in pictures: the part of a photo that a line of the draft comes from.
//
// A frame is a drawing as large as the photo itself, laid over it with the same fit: so
// it lies right however large the photo is shown, and nothing has to be measured again.

const SVG = "http://www.w3.org/2000/svg";
const wanted = new WeakMap(); // What a picture is framed with, also before it is there.

/** Frame parts of a picture; none: it stands bare. They are shares of its sides, from 0 to 1. */
export function frame(image, regions) {
  bare(image);
  if (!regions.length) return;
  wanted.set(image, regions);
  if (image.complete) draw(image, regions);
  else image.addEventListener("load", () => wanted.get(image) === regions && draw(image, regions), { once: true });
}

function bare(image) {
  wanted.delete(image);
  image.classList.remove("whole");
  image.parentElement.querySelector(":scope > svg.spot")?.remove();
}

function draw(image, regions) {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (!width || !height) return; // It cannot be shown.
  // What is cut off where the picture fills its place is shown with all of it.
  if (regions.some((each) => !isShown(image, each))) image.classList.add("whole");
  const fills = getComputedStyle(image).objectFit === "cover";
  const drawing = drawn("svg", { class: "spot", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: `xMidYMid ${fills ? "slice" : "meet"}`, "aria-hidden": "true" });
  const boxes = regions.map((each) => ({ x: each.left * width, y: each.top * height, width: each.width * width, height: each.height * height }));
  const holes = boxes.map(({ x, y, width: w, height: h }) => `M${x} ${y}v${h}h${w}v${-h}z`).join("");
  drawing.append(drawn("path", { class: "shade", d: `M0 0H${width}V${height}H0z${holes}` }));
  for (const box of boxes) drawing.append(drawn("rect", { class: "edge", ...box }), drawn("rect", { class: "line", ...box }));
  image.after(drawing);
}

/** Whether a part of a picture is within what its place shows of it. */
function isShown(image, { left, top, width, height }) {
  const scale = Math.max(image.clientWidth / image.naturalWidth, image.clientHeight / image.naturalHeight);
  const [across, down] = [image.clientWidth / (image.naturalWidth * scale), image.clientHeight / (image.naturalHeight * scale)];
  const within = (from, length, share) => from >= (1 - share) / 2 && from + length <= (1 + share) / 2;
  return within(left, width, across) && within(top, height, down);
}

function drawn(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
