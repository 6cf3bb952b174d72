// The page's theme as the stage needs it: Streamlit hands it over as CSS variables.

// Okabe and Ito's colours, told apart with every common kind of colour blindness; lighter where the page is dark.
const RACERS = {
  light: ["#d55e00", "#0072b2", "#008a63", "#b4508e", "#a87400", "#2b8fcb", "#6b6b00", "#333333"],
  dark: ["#ff8a3d", "#5bb8ff", "#2fd6a3", "#f09bd0", "#f5b93a", "#9ad7ff", "#f0e442", "#f2f2f2"],
};

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
    racers: RACERS[name],
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
