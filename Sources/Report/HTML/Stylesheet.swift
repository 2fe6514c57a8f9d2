/// The style sheet of the page; nothing in it refers to anything outside.
enum Stylesheet {
    static let text = """
        :root{color-scheme:light dark;\(Theme.variables(isDark: false))}
        @media (prefers-color-scheme:dark){:root{\(Theme.variables(isDark: true))}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Helvetica Neue","Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        main,header,footer{max-width:1280px;margin:0 auto;padding:0 24px}
        header{padding-top:32px}
        h1{font-size:28px;line-height:1.2;margin:2px 0 4px;letter-spacing:-.015em;font-weight:650}
        h2{font-size:19px;line-height:1.3;margin:44px 0 4px;letter-spacing:-.01em;font-weight:650}
        h3{font-size:15px;margin:22px 0 4px;font-weight:650}
        h2+p,h3+p{margin-top:0}
        p{margin:6px 0 12px;max-width:76ch}
        a{color:var(--blue);text-decoration-thickness:1px;text-underline-offset:2px}
        a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
        .dim,.kicker,figcaption,.foot{color:var(--dim)}
        .kicker{font-size:13px;margin:0}
        .sub{margin:0;color:var(--dim)}
        code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .skip{position:absolute;left:-9999px}
        .skip:focus{left:8px;top:8px;background:var(--panel);padding:6px 10px;z-index:2}
        .verdict{margin:20px 0 0;background:var(--panel);border:1px solid var(--rule);border-left:5px solid var(--dim);\
        border-radius:6px;padding:16px 20px 10px}
        .verdict h2{margin:0 0 8px;font-size:21px}
        .verdict ul{margin:0 0 6px;padding-left:18px;max-width:104ch}
        .verdict li{margin:3px 0}
        .verdict li::marker{color:var(--dim)}
        .found{border-left-color:var(--teal)}.losing{border-left-color:var(--orange)}
        nav{margin:14px 0 0;font-size:14px}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:1px;margin:18px 0 0;\
        background:var(--rule);border:1px solid var(--rule);border-radius:6px;overflow:hidden}
        .tiles div{background:var(--panel);padding:11px 14px 12px}
        .tiles dt{font-size:12.5px;color:var(--dim);line-height:1.35}
        .tiles dd{margin:0}
        .tiles .big{font-size:23px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
        .tiles .nd{font-size:15px;line-height:1.5;padding:4px 0;font-weight:500}
        .tiles .more{font-size:12.5px;color:var(--dim);line-height:1.35}
        figure{margin:14px 0 0;min-width:0}
        .card{background:var(--panel);border:1px solid var(--rule);border-radius:6px;padding:14px 16px 12px}
        figcaption{font-size:13px;line-height:1.45;margin:0 0 8px}
        figcaption strong{color:var(--ink);font-weight:600;font-size:14px}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:16px;margin-top:14px}
        .pair figure{margin:0}
        .keys{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px;margin:0 0 6px;padding:0;list-style:none}
        .keys svg{width:30px;height:10px;margin-right:6px;vertical-align:middle}
        .plot{position:relative;margin:28px 8px 0 48px;padding:0}
        .plot:not(.below){margin-bottom:30px}.plot+.mid,.plot+.low{margin-top:50px}
        .plot+.low:not(.below){margin-top:34px}
        .plot svg{display:block;width:100%;height:100%;overflow:visible}
        .tall{height:270px}.mid{height:120px}.small{height:130px}.inner{height:190px}.low{height:64px}
        .square{height:250px}
        .ax{position:absolute;inset:0;font-size:11.5px;line-height:1;color:var(--dim);pointer-events:none}
        .ax span{position:absolute;white-space:nowrap}
        .y{right:calc(100% + 7px);transform:translateY(-50%)}
        .x{top:calc(100% + 7px);transform:translateX(-50%)}
        .f{top:4px;transform:translateX(-50%)}
        .u{bottom:calc(100% + 10px);left:-44px}
        .below{margin-top:44px;margin-bottom:10px}
        svg path,svg rect{vector-effect:non-scaling-stroke}
        .grid{stroke:var(--rule);stroke-width:1;fill:none}
        .zero{stroke:var(--dim);stroke-width:1;fill:none}
        .ideal{stroke:var(--dim);stroke-width:1;stroke-dasharray:4 4;fill:none}
        .band{fill:var(--band)}
        .l{fill:none;stroke-linejoin:round;stroke-linecap:round}
        .l0{stroke:var(--grey);stroke-width:.8;stroke-opacity:.75}
        .l1{stroke:var(--ink);stroke-width:2.4}
        .l2{stroke:var(--blue);stroke-width:1.8}
        .l3{stroke:var(--orange);stroke-width:1.8;stroke-dasharray:6 4}
        .area{fill:var(--orange);fill-opacity:.22;stroke:var(--orange);stroke-width:1}
        .bar{fill:var(--blue);fill-opacity:.72}
        .neg{fill:var(--orange);fill-opacity:.72}
        .dot{stroke:var(--blue);stroke-width:7;stroke-linecap:round;fill:none}
        .whisker{stroke:var(--blue);stroke-width:1.5;fill:none}
        .nil{stroke:var(--dim)}
        .have{fill:var(--blue);fill-opacity:.55}.hole{fill:var(--red)}
        .in{display:block;width:116px;height:20px;margin-left:auto}
        td .dot{stroke-width:6}
        .spark{display:block;width:104px;height:24px}
        .sheet{margin:14px 0 0;background:var(--panel);border:1px solid var(--rule);border-radius:6px;overflow:hidden}
        .sheet figcaption{padding:12px 16px 2px;margin:0;max-width:125ch}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:13.5px;line-height:1.4}
        caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        th,td{padding:5px 10px;text-align:right;white-space:nowrap;vertical-align:middle;overflow-wrap:normal}
        th:first-child{padding-left:16px;position:sticky;left:0;background:var(--panel);z-index:1}
        th:last-child,td:last-child{padding-right:16px}
        thead th{font-weight:500;color:var(--dim);font-size:12.5px;border-bottom:1px solid var(--rule);\
        vertical-align:bottom;line-height:1.3}
        tbody tr+tr>*{border-top:1px solid var(--band)}
        tbody th{font-weight:500}
        tbody th,.t{text-align:left}
        .w{white-space:normal;overflow-wrap:anywhere;min-width:16ch}
        td small,th small{color:var(--dim);font-size:12px;font-weight:400}
        .two small{display:block;line-height:1.25}
        .two th:not(:first-child),.two td{padding-left:7px;padding-right:7px}
        .two .in{width:92px}.two .spark{width:84px}
        .two thead th{white-space:normal;max-width:12ch}.two thead .t{max-width:none}
        sup{font-size:10px;line-height:0}
        .foot{font-size:12.5px;padding:6px 16px 10px;margin:0;max-width:none}
        .tag{white-space:nowrap}
        .up{color:var(--teal)}.down{color:var(--orange)}
        details{background:var(--panel);border:1px solid var(--rule);border-radius:6px;margin:8px 0 0}
        details>div{padding:0 16px 16px}
        summary{cursor:pointer;padding:10px 16px;display:flex;flex-wrap:wrap;gap:2px 14px;align-items:baseline}
        summary::before{content:"\\25B8";color:var(--dim);width:.8em}
        details[open]>summary::before{content:"\\25BE"}
        summary::-webkit-details-marker{display:none}
        summary h3{margin:0;display:inline}
        summary .sum{margin-left:auto}
        details .sheet{border-radius:4px}
        details figure.card{background:none;border:0;padding:0}
        .facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 20px;margin:12px 0 0;font-size:14px}
        .facts dt{color:var(--dim)}.facts dd{margin:0}
        footer{padding:36px 24px 48px;font-size:13px;color:var(--dim)}
        @media (max-width:640px){
        body{font-size:15px}main,header,footer{padding-left:14px;padding-right:14px}header{padding-top:20px}
        h1{font-size:23px}.verdict{padding:14px 14px 8px}.verdict h2{font-size:19px}
        .tiles{grid-template-columns:1fr 1fr}.card{padding:12px 12px 10px}
        .tall{height:220px}.wide .alt{display:none}.plot{margin-left:42px}
        summary .sum{margin-left:0;width:100%;padding-left:calc(.8em + 14px)}
        .facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-bottom:8px}
        nav ul{gap:8px 18px}
        }
        @media print{
        :root{\(Theme.variables(isDark: false));--page:#fff;color-scheme:light}
        @page{margin:14mm 12mm}
        body{font-size:10.5px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
        nav,.skip{display:none}main,header,footer{max-width:none;padding:0}
        h1{font-size:20px}h2{font-size:15px;margin-top:22px;break-after:avoid}h3{break-after:avoid}
        figure,tr,.tiles div,.verdict{break-inside:avoid}
        table{font-size:8.5px}.sheet figcaption,.foot{font-size:9px}
        th,td,.two th:not(:first-child),.two td{padding:2px 4px}
        thead th{font-size:8.5px;white-space:normal}td small,th small{font-size:7.5px}.facts,.keys{font-size:10px}
        figcaption,.tiles dt,.tiles .more,.sub,.kicker,footer{font-size:9px}figcaption strong{font-size:11px}
        .ax{font-size:8.5px}
        code{font-size:8.5px}h3{font-size:12px}.inner{height:150px}
        .scroll,.sheet{overflow:visible}.in{width:84px;height:14px}.spark{width:64px;height:16px}
        .verdict h2{font-size:16px}.tiles .big{font-size:16px}.tiles{grid-template-columns:repeat(6,1fr)}
        .tall{height:200px}.square{height:180px}
        details::details-content{content-visibility:visible;display:block;height:auto}
        summary::before{content:none}details{border:0;padding:0}details>div,summary{padding-left:0;padding-right:0}
        a{color:inherit;text-decoration:none}
        }
        """
}
