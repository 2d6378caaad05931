// On a server: the page keeps itself up to date, and moves the clock.

if (settings.live !== null) {
  document.documentElement.classList.add("is-live");
  $("live").hidden = false;
  let seen = JSON.stringify(view.rows);

  const ask = async (method, path, given) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${settings.live}${path}`, { method, headers, body: given && JSON.stringify(given) });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.message || told.Message || `the server answered ${answer.status}`);
    return told;
  };

  const reached = (error) => {
    $("pulse").classList.toggle("lost", Boolean(error));
    $("pulse").title = error ? error.message : "up to date";
    if (error) $("said").textContent = error.message;
  };

  const refreshed = async () => {
    try {
      const [rows, { now }] = await Promise.all([ask("GET", "timeline"), ask("GET", "clock")]);
      const text = JSON.stringify(rows);
      if (text !== seen) {
        const wasAtEnd = scroller.scrollLeft + scroller.clientWidth >= scroller.scrollWidth - 40;
        seen = text;
        view.rows = rows;
        relaid();
        if (wasAtEnd) { scroller.scrollLeft = scroller.scrollWidth; drawn(); }
        if (!detail.hidden && view.current) open(view.current);
      }
      $("now").textContent = now;
      reached(null);
    } catch (error) {
      reached(error);
    }
  };

  const moved = async (path, given) => {
    $("refused").textContent = "";
    try {
      await ask("POST", path, given);
    } catch (error) {
      $("refused").textContent = error.message;
    }
    await refreshed();
  };

  $("step").addEventListener("click", () => moved("clock/step", {}));
  $("idle").addEventListener("click", () => moved("clock/run_until_idle", {}));
  $("advance").addEventListener("click", () => moved("clock/advance", { by: $("by").value }));
  $("by").addEventListener("keydown", (event) => { if (event.key === "Enter") $("advance").click(); });
  KEYS.j = () => moved("clock/step", {});

  const again = async () => {
    if (!document.hidden) await refreshed();
    setTimeout(again, 1000);
  };
  again();
}
