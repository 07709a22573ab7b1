// The break-even widget: three values to step through, and what follows from them.
// Reckons as bot/mining/economics.py and writes as bot/mining/formatting.py and answer_lines.py do; the tests
// compare every line.
(function (widget) {
  "use strict";
  var words = widget.words;
  var steps = [0, 0, 0];

  // As Python writes a number: rounded exactly, halves to even. toFixed() rounds exactly, but halves up.
  function fixed(value, digits) {
    var text = value.toFixed(digits);
    var last = text.length - 1;
    var isHalf = (value * Math.pow(2, digits + 1)) % 2 === 1;
    return isHalf && text[last] % 2 === 1 ? text.slice(0, last) + (text[last] - 1) : text;
  }

  function power(value) {
    return value.toExponential(3).replace(/e([+-])(\d)$/, function (_, sign, digit) {
      return "e" + sign + "0" + digit;
    });
  }

  function number(value, digits, isTrimmed) {
    if (Math.abs(value) >= 1e15) {
      return power(value).replace("-", "\u2212");
    }
    var text = fixed(Math.abs(value), digits);
    var parts = text.split(".");
    var decimals = parts[1] && isTrimmed ? parts[1].replace(/0+$/, "") : parts[1];
    var whole = parts[0].replace(/\B(?=(\d{3})+$)/g, words.group);
    return (value < 0 && /[1-9]/.test(text) ? "\u2212" : "") + whole + (decimals ? words.point + decimals : "");
  }

  function change(fraction) {
    var text = number(100 * fraction, Math.abs(fraction) < 10 ? 1 : 0);
    return (fraction > 0 && /[1-9]/.test(text) ? "+" : "") + text + words.percent;
  }

  function money(usd, currency) {
    var value = usd / currency.usd;
    if (currency.code === "BTC") {
      return number(value, 8) + " BTC";
    }
    var size = Math.abs(value);
    return number(value, size >= 999.5 ? 0 : size >= 0.095 || value === 0 ? 2 : 4) + " " + currency.code;
  }

  function cents(usd) {
    var currency = widget.currency;
    if (currency.code === "BTC") {
      var sats = (usd / currency.usd) * 1e8;
      return number(sats, Math.abs(sats) >= 99.5 ? 0 : 1) + " sats/kWh";
    }
    if (currency.code !== "USD") {
      return number(usd / currency.usd, 4, true) + " " + currency.code + "/kWh";
    }
    var size = Math.abs(usd);
    return number(100 * usd, size > 0 && size < 0.0095 ? 2 : 1) + " c/kWh";
  }

  function network(value) {
    if (widget.isShare) {
      return number(value, 2, true) + " EH/s";
    }
    return value >= 1e10 && value < 1e15 ? number(value / 1e12, 2) + " T" : power(value);
  }

  function ratio(over, under) {
    var result = over / under;
    return under !== 0 && isFinite(result) ? result : null;
  }

  function filled(text, amount) {
    return text.split("{}").join(amount);
  }

  function value(index) {
    var stepper = widget.steppers[index];
    var count = steps[index];
    return count ? ((stepper.start + count * stepper.step) / stepper.scale) * stepper.unit : stepper.base;
  }

  function show(id, text) {
    document.getElementById(id).textContent = text;
  }

  function draw() {
    var powerPrice = value(0), btcPrice = value(1), size = value(2);
    var networkThs = widget.isShare ? size * 1e6 : (size * 4294967296) / 600 / 1e12;
    var btc = widget.hashrateThs * (widget.networkBtc / networkThs) * (1 - widget.poolFee) * widget.uptime;
    var revenue = btc * btcPrice;
    var kwh = (widget.powerW / 1000) * 24 * widget.uptime * widget.overhead;
    var cost = kwh * powerPrice + widget.fixedCost;
    var profit = revenue - cost;
    var lowestPrice = ratio(cost, btc);
    var highestPower = ratio(revenue - widget.fixedCost, kwh);

    show("v0", cents(powerPrice));
    show("v1", money(btcPrice, widget.priceCurrency));
    show("v2", network(size));
    var verdict = profit === 0 ? words.even : profit > 0 ? words.pays : words.loses;
    show("verdict", filled(verdict, money(Math.abs(profit), widget.currency)));
    show("profit", filled(words.daily, money(profit, widget.currency)));
    if (lowestPrice === null) {
      show("price", words.never);
    } else if (lowestPrice === 0) {
      show("price", words.always);
    } else {
      var times = ratio(lowestPrice, btcPrice);
      var room = times === null ? 0 : 1 - times;
      var around = words.remark.split("{}");
      show("price", around[0] + money(lowestPrice, widget.priceCurrency) + around[1] + change(-room) + around[2]);
    }
    show("power", highestPower === null || highestPower < 0 ? words.never : cents(highestPower));
  }

  function listen(id, index, by) {
    document.getElementById(id).addEventListener("click", function () {
      var stepper = widget.steppers[index];
      steps[index] += by;
      if (value(index) < stepper.low || value(index) > stepper.high) {
        steps[index] -= by;
      }
      draw();
    });
  }

  for (var index = 0; index < 3; index++) {
    listen("less" + index, index, -1);
    listen("more" + index, index, 1);
  }
})
