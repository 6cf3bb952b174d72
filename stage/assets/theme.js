// The page's theme as the stage needs it: Streamlit hands it over as CSS variables, and renders a component anew when it
// is another one.

export function readTheme(root) {
  const style = getComputedStyle(root);
  const variable = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const text = variable("--st-text-color", style.color);
  const background = variable("--st-background-color", "#ffffff");
  const name = luminance(background) < 0.5 ? "dark" : "light";
  return {
    name,
    text,
    background,
    font: variable("--st-font", "sans-serif"),
    // A room reads from afar.
    small: root.classList.contains("stage-present") ? 14 : 12,
    line: name === "dark" ? "#36424e" : "#d3dae2",
    level: name === "dark" ? "rgba(255,255,255,0.34)" : "rgba(12,26,52,0.34)",
    halo: name === "dark" ? "rgba(8,12,20,0.85)" : "rgba(255,255,255,0.9)",
    good: name === "dark" ? "#2fd6a3" : "#00795a",
    bad: name === "dark" ? "#ff7a6b" : "#c0392b",
    racers: variable("--st-chart-categorical-colors", "").split(","),
  };
}

function luminance(color) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = color;
  const hex = context.fillStyle;
  if (!hex.startsWith("#")) return 1;
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
