// Leave at once, without this page in the history: the button, or Shift pressed three times.
const exit = document.getElementById("exit");

function leave() {
  document.body.replaceChildren();
  document.title = "";
  window.location.replace(exit.href);
}

let pressed = 0;

exit.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

document.addEventListener("keyup", (event) => {
  pressed = event.key === "Shift" ? pressed + 1 : 0;
  if (pressed === 3) leave();
});
