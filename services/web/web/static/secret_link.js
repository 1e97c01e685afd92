// Moves the secret of a mail's link from the URL's fragment into the form that POSTs it, and takes
// it out of the address bar and the history.

const form = document.querySelector("form[data-secret]");
const otherwise = document.querySelector("[data-without-secret]");

function readFragment() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const token = parameters.get("token");
  if (token) {
    form.elements.token.value = token;
    history.replaceState(null, "", location.pathname + location.search);
  }
  const chosen = parameters.get("score");
  for (const input of form.querySelectorAll("input[name=score]")) {
    if (input.value === chosen) input.checked = true;
  }
  const isComplete = form.elements.token.value !== "";
  form.hidden = !isComplete;
  if (otherwise) otherwise.hidden = isComplete;
}

// A link that is opened in the tab that shows this page already changes the fragment only.
addEventListener("hashchange", readFragment);
readFragment();
