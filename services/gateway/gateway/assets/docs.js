// Tries a call with what the form of its operation says.
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, output = form.querySelector("pre");
  const query = new URLSearchParams(), headers = {};
  let path = form.dataset.path;
  for (const input of form.querySelectorAll("input")) {
    const value = input.value.trim();
    if (!value) continue;
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(value));
    if (input.dataset.in === "query") for (const part of value.split(",")) query.append(input.name, part.trim());
    if (input.dataset.in === "header") headers[input.name] = value;
  }
  const token = document.getElementById("token").value.trim(), body = form.elements.body;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  output.hidden = false;
  output.textContent = "…";
  try {
    const asked = query.size ? `${path}?${query}` : path;
    const answer = await fetch(asked, { method: form.dataset.method, headers, body: body?.value });
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* no JSON: as it is */ }
    const told = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    output.textContent = `${answer.status}\n${told}\n\n${shown}`;
  } catch (error) {
    output.textContent = String(error);
  }
});
