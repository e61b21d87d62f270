// What a page tells of itself while it is measured: `window.bench`. Runs before anything else in the page.
window.bench = (() => {
  const bench = { tasks: [], keys: [], frames: null, marks: {} };
  const list = type => `[data-testid="llmhub-message"][data-role="${type}"]`;

  new PerformanceObserver(entries => {
    for (const { startTime, duration } of entries.getEntries()) bench.tasks.push([startTime, duration]);
  }).observe({ type: 'longtask' });

  /** Moments of all frames from here on. */
  bench.watchFrames = () => {
    const frames = (bench.frames = []);
    const next = now => {
      if (bench.frames !== frames) return;
      frames.push(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  };
  bench.stopFrames = () => {
    const { frames } = bench;
    bench.frames = null;
    return frames;
  };

  /** After the frame that follows: what it shows has been handed to the compositor. */
  bench.painted = () =>
    new Promise(resolve =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      })
    );

  /** Resolves after the first frame in which `test()` is true, with that moment. */
  bench.until = async test => {
    for (;;) {
      const value = test();
      if (value) return [await bench.painted(), value];
      await new Promise(requestAnimationFrame);
    }
  };

  /** When no long task has begun for so many milliseconds. */
  bench.isQuiet = async ms => {
    let since = performance.now();
    while (performance.now() - since < ms) {
      await new Promise(resolve => setTimeout(resolve, 20));
      const last = bench.tasks.at(-1);
      if (last) since = Math.max(since, last[0] + last[1]);
    }
  };

  bench.lastAnswer = (root = document) => [...root.querySelectorAll(list('assistant'))].at(-1);

  /** What the last paragraph of an answer says of its provider: when it ended. Nanoseconds of the machine's clock. */
  bench.ended = answer => {
    const last = answer?.querySelector('.jp-llmhub-markdown')?.lastElementChild;
    return last?.textContent.match(/Ended at (\d{6,})\./)?.[1];
  };

  /** `bench.first`: the first value of `test()` in the next answer, when it was there, and when it was painted. */
  bench.noteFirst = test => {
    const before = bench.lastAnswer()?.dataset.messageId;
    bench.first = new Promise(resolve => {
      const look = () => {
        const answer = bench.lastAnswer();
        const value = answer && answer.dataset.messageId !== before && test();
        if (!value) return;
        const at = performance.now();
        observer.disconnect();
        void bench.painted().then(painted => resolve([value, at, painted]));
      };
      const observer = new MutationObserver(look);
      observer.observe(document.querySelector('[data-testid="llmhub-panel"]'), {
        childList: true,
        characterData: true,
        subtree: true
      });
    });
  };

  bench.inView = element => {
    const { top, bottom } = element.getBoundingClientRect();
    const view = element.closest('[data-testid="llmhub-thread"]').getBoundingClientRect();
    return bottom > view.top && top < view.bottom;
  };

  /**
   * Follow the rows of a scrolled thread from painted frame to painted frame. A row has jumped when it moved by more than the wheel
   * has asked for, against it, or otherwise than its neighbours. A frame has a hole when rows are missing where rows should be.
   */
  bench.watchRows = view => {
    const rows = (bench.rows = { moves: [], wheel: [], holes: 0, frames: 0, first: '', seen: new Set() });
    let places = new Map();
    // The compositor scrolls before the page hears of the wheel: what counts is when it was turned.
    const onWheel = ({ timeStamp, deltaY }) => rows.wheel.push([timeStamp, -deltaY]);
    view.addEventListener('wheel', onWheel, { passive: true });
    rows.stop = () => view.removeEventListener('wheel', onWheel);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const box = view.getBoundingClientRect();
      const now = new Map();
      let top = Infinity;
      let bottom = -Infinity;
      for (const row of view.querySelectorAll('[data-message-id]')) {
        const at = row.getBoundingClientRect();
        if (at.bottom <= box.top || at.top >= box.bottom) continue;
        now.set(row.dataset.messageId, at.top);
        rows.seen.add(row.dataset.messageId);
        top = Math.min(top, at.top);
        bottom = Math.max(bottom, at.bottom);
      }
      rows.frames++;
      rows.first = view.querySelector('[data-message-id]')?.textContent ?? '';
      const isInside = view.scrollTop > 200 && view.scrollHeight - view.scrollTop - view.clientHeight > 200;
      if (isInside && (top > box.top + 100 || bottom < box.bottom - 100)) rows.holes++;
      const moves = [...now].filter(([id]) => places.has(id)).map(([id, at]) => at - places.get(id));
      rows.moves.push([performance.now(), moves.sort((a, b) => a - b), view.scrollTop]);
      places = now;
      if (bench.rows === rows) requestAnimationFrame(next);
    };
    const next = () => port2.postMessage(null);
    requestAnimationFrame(next);
  };
  bench.stopRows = () => {
    const { moves, wheel, holes, frames, seen, stop } = bench.rows;
    stop();
    bench.rows = null;
    return { ...jumpsIn(moves, wheel), holes, frames, seen: seen.size };
  };

  const jumpsIn = (frames, wheel) => {
    const jumps = [];
    const turns = apart(wheel);
    let moved = 0;
    let asked = 0;
    // Before the first frame nothing has moved: what the wheel asks for meanwhile is still to come.
    let stood = frames[0]?.[2] ?? 0;
    for (const [at, moves, stands] of frames) {
      while (turns.length && turns[0][0] <= at) asked += turns.shift()[1];
      const scrolled = stood - stands;
      stood = stands;
      if (!moves.length) {
        // Nothing that was seen is still seen: it was scrolled further than that.
        asked = Math.abs(scrolled) >= Math.abs(asked) ? 0 : asked - scrolled;
        continue;
      }
      // Most rows move as the view does; those that differ have been pushed.
      const move = moves[moves.length >> 1];
      const pushed = Math.max(...moves.map(each => Math.abs(each - move)));
      // Less than a pixel either way is how a view comes to stand on whole ones.
      const isAgainst = move * asked < 0 && Math.abs(move) > 2;
      const over = isAgainst ? Math.abs(move) : Math.max(0, Math.abs(move) - Math.abs(asked));
      if (Math.max(pushed, over) > 2) jumps.push(Math.max(pushed, over));
      asked = isAgainst || (move * asked >= 0 && Math.abs(move) >= Math.abs(asked)) ? 0 : asked - move;
      moved += Math.abs(move);
    }
    return { moved, jumps };
  };

  /** The turns of a wheel. A busy page hears of several at once, with the moment of the last. */
  const apart = wheel => {
    const step = Math.min(...wheel.map(([, by]) => Math.abs(by)));
    return wheel.flatMap(([at, by], index) => {
      const last = Math.sign(by) * step;
      return Math.abs(by) > 1.5 * step ? [[wheel[index - 1]?.[0] ?? 0, by - last], [at, last]] : [[at, by]];
    });
  };

  // From the key's own time stamp to the frame that shows it.
  addEventListener(
    'keydown',
    event => {
      if (event.key.length !== 1) return;
      const at = event.timeStamp;
      const begun = performance.now();
      requestAnimationFrame(() => {
        const frame = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => bench.keys.push([begun - at, frame - at, performance.now() - at]);
        port2.postMessage(null);
      });
    },
    true
  );
  return bench;
})();
