"""The page's style sheet. It stands in the page, and the page's policy allows nothing else."""

from typing import Final

from journey.page.board import GAP, HEAD_HEIGHT, WIDTH

_HUES: Final = (212, 168, 34, 280, 350, 140, 250, 16)
_STAGES: Final = "".join(f".s{index}{{--hue:{hue}}}" for index, hue in enumerate(_HUES))

STYLE: Final = (
    """
:root{color-scheme:light dark;--paper:#f6f4ef;--card:#fffdf9;--ink:#211d18;--muted:#6d665c;--rule:#e2dcd0;--tint:92%;--mid:46%;--deep:30%;
--error:#b3261e;--error-tint:#fbe4e1;--refused:#8a5a00;--refused-tint:#fbefd5;--hue:212}
@media(prefers-color-scheme:dark){:root{--paper:#161513;--card:#1f1d1b;--ink:#efeae2;--muted:#a59d91;--rule:#36322d;--tint:18%;--mid:62%;
--deep:78%;--error:#ff8a80;--error-tint:#4a1f1c;--refused:#ffc766;--refused-tint:#453311}}
"""
    + _STAGES
    + f":root{{--column:{WIDTH}px;--gap:{GAP}px;--head:{HEAD_HEIGHT}px}}"
    + """
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1284px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:clamp(26px,4vw,38px);line-height:1.1;letter-spacing:-.02em;margin:2px 0 8px}
h2{font-size:15px;margin:0}
p,ul,ol,dl,dd{margin:0;padding:0}
ul,ol{list-style:none}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
a{color:hsl(var(--hue) 60% var(--mid))}
small{font-weight:400;color:var(--muted)}
.eyebrow{text-transform:uppercase;letter-spacing:.12em;font-size:12px;color:var(--muted)}
.lede{color:var(--muted);max-width:60ch}
.chips{display:flex;flex-wrap:wrap;gap:8px;margin-top:14px}
.chip{border:1px solid var(--rule);border-radius:99px;padding:2px 12px;font-size:13px;background:var(--card)}
.muted{color:var(--muted);font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:var(--gap);margin:24px 0 26px}
.tiles div{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:14px 18px}
.tiles dt{font-size:13px;color:var(--muted)}
.tiles dd{font-size:28px;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.tiles small{display:block;font-size:13px;letter-spacing:0}
.scroller{overflow-x:auto;overscroll-behavior-x:contain;-webkit-overflow-scrolling:touch;scroll-snap-type:x proximity}
.board{position:relative;width:max-content;padding-bottom:10px}
.shape{display:block}
.fill{fill:hsl(var(--hue) 58% var(--mid))}
.joint{fill:var(--rule)}
.columns{display:flex;gap:var(--gap);margin-top:10px}
.column{width:var(--column);scroll-snap-align:start;background:var(--card);border:1px solid var(--rule);
border-top:4px solid hsl(var(--hue) 58% var(--mid));border-radius:14px;overflow:hidden;padding-bottom:14px}
.stage-head{height:calc(var(--head) - 90px);padding:14px 16px 0}
.stage-head h2{font-size:16px;display:flex;align-items:center;gap:8px}
.ordinal{flex:none;display:inline-grid;place-items:center;min-width:22px;height:22px;padding:0 4px;border-radius:99px;font-size:12px;font-weight:650;
background:hsl(var(--hue) 55% var(--tint));color:hsl(var(--hue) 60% var(--deep))}
.people{font-size:30px;font-weight:680;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin:10px 0 4px;line-height:1.1}
.people small{font-size:14px;letter-spacing:0}
.fact{font-size:14px;white-space:nowrap}
.fact b{color:hsl(var(--hue) 60% var(--deep))}
.spacer{display:block;width:100%;background:hsl(var(--hue) 55% var(--tint)/.45)}
.kinds{padding:12px 16px 0;display:grid;gap:12px}
.kind{display:flex;justify-content:space-between;gap:8px;align-items:baseline}
.kind code{overflow-wrap:anywhere;font-weight:600}
.count{font-variant-numeric:tabular-nums;font-weight:600}
.meter{display:block;width:100%;height:4px;margin:3px 0;background:var(--rule);border-radius:2px}
.more{padding:10px 0 0}
.more summary{padding:0 16px;color:var(--muted);font-size:13px;cursor:pointer}
.empty{padding:14px 16px;color:var(--muted);font-size:13px}
.badge{display:inline-block;border-radius:99px;padding:0 8px;font-size:12px;line-height:18px;background:var(--rule);margin:2px 4px 0 0}
.badge.error{background:var(--error-tint);color:var(--error)}
.badge.refused{background:var(--refused-tint);color:var(--refused)}
.overlay{position:absolute;left:0;top:var(--head)}
.overlay .line{fill:none;stroke:var(--ink);stroke-opacity:.38;stroke-width:2.5;stroke-linecap:round}
.overlay text{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px;
stroke-linejoin:round}
.overlay a{text-decoration:none}
.hit{fill:transparent}
.overlay a:hover .hit,.overlay a:focus .hit{fill:var(--ink);fill-opacity:.08}
.dot{fill:hsl(var(--hue) 58% var(--mid));stroke:var(--card);stroke-width:2.5}
.dot.error{fill:var(--error)}
.dot.refused{fill:var(--refused)}
.path{margin-top:34px}
.path h2{font-size:22px;letter-spacing:-.01em}
.stays{display:flex;flex-wrap:wrap;gap:8px;margin:12px 0 16px}
.stay{border-left:4px solid hsl(var(--hue) 58% var(--mid));background:var(--card);border-radius:8px;padding:6px 14px;font-size:13px;display:grid}
.stay span{color:var(--muted)}
.stay.none{border-color:var(--rule);opacity:.7}
.steps{display:grid;gap:6px}
.steps details{background:var(--card);border:1px solid var(--rule);border-left:4px solid hsl(var(--hue) 58% var(--mid));border-radius:10px}
.steps summary{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px;padding:9px 14px;cursor:pointer;list-style:none}
.steps summary::-webkit-details-marker{display:none}
.steps summary:hover{background:hsl(var(--hue) 55% var(--tint)/.4)}
.steps summary code{font-weight:600}
.stage-name{color:hsl(var(--hue) 60% var(--deep));font-size:13px}
.steps time{margin-left:auto;font-size:13px;color:var(--muted);font-variant-numeric:tabular-nums}
.gap{font-size:13px;color:var(--muted);min-width:76px;text-align:right;font-variant-numeric:tabular-nums}
.body{padding:4px 14px 14px;border-top:1px solid var(--rule);scroll-margin-top:80px}
.body:target{box-shadow:inset 0 0 0 2px hsl(var(--hue) 58% var(--mid));border-radius:0 0 8px 8px}
.facts{display:flex;flex-wrap:wrap;gap:8px 24px;padding:10px 0}
.facts dt{font-size:12px;color:var(--muted)}
.facts dd{font-size:14px;overflow-wrap:anywhere}
.backstage{background:var(--paper);border-radius:10px;padding:12px 14px}
.backstage-head{margin-bottom:10px;font-size:14px}
.waterfall{display:block}
.waterfall text{font:12px system-ui,sans-serif;fill:var(--ink)}
.waterfall .took{fill:var(--muted)}
.waterfall .error{fill:var(--error)}
table{border-collapse:collapse;margin-top:12px;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:3px 22px 3px 0;text-align:left}
th{color:var(--muted);font-weight:500}
.num{text-align:right}
footer{margin-top:30px;color:var(--muted);font-size:13px;max-width:80ch}
:focus-visible{outline:2px solid hsl(var(--hue) 58% var(--mid));outline-offset:2px}
@media(max-width:640px){main{padding:20px 14px 48px}.gap{display:none}.steps time{margin-left:0}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
"""
)
