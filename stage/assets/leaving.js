// Links from page to page. What the server is told between the click and the coming of the page is about the page before,
// and Streamlit mixes the two: it stays, with the settings of the other page, or it shows neither.

// A page that was asked for is here after that time, in ms, or does not come.
const ARRIVAL = 3000;
const OPEN = '[data-testid="stPopoverButton"][aria-expanded="true"]';

const link = ({ target }) => target.closest?.("a[href]");

let followed = -Infinity;
const follow = () => (followed = Date.now());
addEventListener("popstate", follow);
// One inside the app is one that the front end follows itself.
addEventListener("click", (event) => event.defaultPrevented && link(event) && follow());

// Whether there is to be silence, because a page is on its way.
export const leaving = () => Date.now() - followed < ARRIVAL;
export const arrived = () => (followed = -Infinity);

// A box says late that it was closed. So where one is open a link only closes it, as the first click beside a menu does.
let box = null;
const look = () => (box = document.querySelector(OPEN));
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, look, true);
addEventListener(
  "click",
  (event) => {
    if (!box || !link(event) || event.target.closest('[data-testid="stPopoverBody"]')) return;
    event.preventDefault();
    event.stopPropagation();
    if (box.matches(OPEN)) box.click();
    box = null;
  },
  true,
);
