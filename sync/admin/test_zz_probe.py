"""probe"""
import pytest
from urllib.parse import quote
from sync.admin.app import make_app
from sync.admin.test_matrix import routes, _sample
ODD=["9"*5000,"-1","9"*25,"a\x00b","%ff","<script>alert(1)</script>","' OR 1=1 --","x"*6000,"\u202e","²","٣","\ud7ff💥","0"*30+"1","1e999","NaN","inf","../../etc","//","2026-99-99","[]","{}"]
def test_probe(world, browser):
    f=browser("finance"); app=f.signer
    bad=[]
    from flask import url_for
    for r in routes(app):
        convs=r.rule._converters
        with app.test_request_context():
            base={n:_sample(c) for n,c in convs.items()}
            path=app.url_for(r.rule.endpoint,**base,_external=False)
        paths=[path]
        for n,c in convs.items():
            if type(c).__name__=="AnyConverter": continue
            for odd in ODD:
                p=r.rule.rule
                for m,cc in convs.items():
                    import re
                    v=odd if m==n else str(base[m])
                    p=re.sub(r"<(?:[^<>]*:)?%s>"%m, lambda _:quote(v,safe=""), p)
                paths.append(p)
        names=["q","page","sort","down","currency","owner","bucket","only","which","status","range","chart","days","weeks","key","kind","to","cause","n","number","version","then","field","name","action","what","account","month","from","until","span","based_on","why","plan","link","session"]
        for p in paths:
            try:
                a=f.get(p) if r.method=="GET" else f.post(p,{})
                if a.status_code>=500 and a.status_code!=503: bad.append((r.method,p[:120],a.status_code))
                if "<script>alert(1)" in a.text: bad.append(("XSS",p[:100]))
            except Exception as e: bad.append((r.method,p[:120],repr(e)[:200]))
            f.keep()
        for odd in ODD:
            q="&".join(f"{n}={quote(odd)}" for n in names)[:60000]
            try:
                a=f.get(path+"?"+q) if r.method=="GET" else f.post(path,dict.fromkeys(names,odd))
                if a.status_code>=500 and a.status_code!=503: bad.append((r.method,path+"?"+odd[:60],a.status_code))
                if a.status_code==503: bad.append(("503",path,odd[:20],a.text[-300:]))
                if "<script>alert(1)" in a.text: bad.append(("XSS",path))
            except Exception as e: bad.append((r.method,path+"?"+odd[:60],repr(e)[:200]))
            f.keep()
            if f.get("/people/me").status_code!=200: f.sign_in(world.run,"finance")
    for b in bad: print("BAD",b)
    assert not bad
