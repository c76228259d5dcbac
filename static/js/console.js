/**
 * The little that the console adds to forms that work without it:
 *
 * - `data-step="-1" data-for="id"` buttons count a number field up and down
 * - a form is sent once: its button rests until the page answers
 * - `data-print` prints the page
 * - `data-scan="id"` takes a picture of a code and puts its text into a field
 *
 * Everything is found by delegation, so that parts which htmx swaps in later
 * work without another start.
 */
import { readPicture } from "./picture.js";

function step(button) {
  const field = document.getElementById(button.getAttribute("data-for"));
  if (!field) return;
  const [low, high] = [field.min, field.max].map((bound) => (bound === "" ? null : Number(bound)));
  let value = (Number(field.value) || 0) + Number(button.getAttribute("data-step"));
  if (low !== null && value < low) value = low;
  if (high !== null && value > high) value = high;
  field.value = String(value);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step], [data-print]");
  if (!button) return;
  if (button.hasAttribute("data-print")) window.print();
  else step(button);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  // A download leaves the page where it is, so its form may be sent again.
  if (form.hasAttribute("data-download")) return;
  if (form.hasAttribute("data-sent")) return event.preventDefault();
  form.setAttribute("data-sent", "");
});

// A page that comes back from the history of the browser may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => form.removeAttribute("data-sent"));
});
// So may a form whose answer htmx put somewhere else on the page.
document.addEventListener("htmx:afterRequest", (event) => event.target.removeAttribute("data-sent"));

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.hasAttribute("data-scan") || !input.files || !input.files.length) return;
  const field = document.getElementById(input.getAttribute("data-scan"));
  const status = document.getElementById(input.getAttribute("aria-describedby"));
  readPicture(input.files[0], input.getAttribute("data-reader")).then((text) => {
    if (field && text) field.value = text;
    if (status) status.textContent = input.getAttribute(text ? "data-found" : "data-none");
    if (field && text) field.dispatchEvent(new Event("change", { bubbles: true }));
  });
});

document.documentElement.classList.add("has-script");
