// The shared status widget: shows the lines that the bot has set as the widget's public data.
// The data are a list: the moment in seconds of the epoch, the same in words, then the lines.
// Telegram's pages say that a widget reads its state and is told when it changes; by which names, they don't.
// The names below are an assumption. Where they don't hold, the document's own words stay, which name /status.
(function (widget) {
  "use strict";
  var app = typeof Telegram === "undefined" ? null : Telegram.Widget;

  function show(id, text) {
    document.getElementById(id).textContent = text;
  }

  function draw() {
    var data;
    try {
      data = JSON.parse(app.publicData);
    } catch (error) {
      return;
    }
    for (var index = 0; index < widget.lines; index++) {
      show("line" + index, data[index + 2] || "");
    }
    var isOld = Date.now() / 1000 - data[0] > widget.oldAfterS;
    show("age", (isOld ? widget.words.old : widget.words.asOf).split("{}").join(data[1]));
  }

  if (app) {
    draw();
    if (app.onEvent) {
      app.onEvent("publicDataChanged", draw);
    }
  }
})
