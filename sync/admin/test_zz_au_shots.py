import threading
from pathlib import Path
from werkzeug.serving import make_server
from playwright.sync_api import sync_playwright
from sync.admin.signin import local
from sync.db import crm, members
from connector.local.org.server import OrgUser, SignInApp
import pytest
P=Path("/tmp/au/pics")
APP = SignInApp("page", "s-page", loopback_paths=("/admin/signin/salesforce/callback",))
@pytest.fixture
def org_options():
    return {"sign_in": APP, "users": (OrgUser("Gina Rossi", "Marketing", "gina", "s-gina", ()),OrgUser("Farid Nasser", "Finance", "farid", "s-farid", ("Dueline_Finance",)))}
@pytest.fixture
def settings():
    return {"DUELINE_SIGN_IN__CLIENT_ID": "page", "DUELINE_SIGN_IN__CLIENT_SECRET": "s-page"}
def shots(page, name):
    for w in (1280, 375):
        page.set_viewport_size({"width": w, "height": 800})
        page.wait_for_timeout(150)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0: print("SIDEWAYS", name, w, over)
        page.screenshot(path=str(P/f"{name}-{w}.png"), full_page=True)
def test_shots(world):
    rows=[("005000000000001AAA","Ada Okafor","ada@acme.example"),("005000000000002AAA","Ada Okoye","okoye@acme.example")]
    with world.engine.begin() as conn:
        crm.put_people(conn,[{"id":a,"name":b,"email":c,"role":None,"active":True} for a,b,c in rows])
    name,pw=local.add(world.engine,"ann.lee","finance",None,local.COMMAND_LINE)
    local.add(world.engine,"ada@acme.example","own","005000000000001AAA",local.COMMAND_LINE)
    local.add(world.engine,"on.call","operator",None,local.COMMAND_LINE)
    local.disable(world.engine,"on.call",local.COMMAND_LINE)
    srv=make_server("127.0.0.1",0,world.client.application,threaded=True)
    t=threading.Thread(target=srv.serve_forever,daemon=True); t.start()
    base=f"http://127.0.0.1:{srv.port}/admin"
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox"])
        page=b.new_page()
        msgs=[]
        page.on("console",lambda m: msgs.append(m.text))
        page.goto(base+"/history/")
        shots(page,"signin")
        page.fill("#name","ann.lee"); page.fill("#password","wrong-one-here"); page.click("button:has-text('Sign in')")
        shots(page,"signin-wrong")
        page.fill("#password",pw); page.click("button:has-text('Sign in')")
        page.goto(base+"/people/"); shots(page,"people")
        page.goto(base+"/people/add"); page.select_option("#sees","own"); page.type("#owner","ada"); page.wait_for_timeout(900)
        print("DATALIST", page.inner_html("#users"))
        page.fill("#name","Bad name"); page.click("text=Add, and show"); shots(page,"add-wrong")
        page.fill("#name","carl.fox"); page.fill("#owner","okoye@acme.example"); page.click("text=Add, and show"); shots(page,"password")
        page.goto(base+"/people/member/carl.fox"); shots(page,"member")
        page.goto(base+"/people/access"); shots(page,"access")
        page.fill("#grants-3-permission_set","Nope"); page.click("main form >> text=Save"); shots(page,"access-wrong")
        page.fill("#grants-3-permission_set",""); page.click("main form >> text=Save"); 
        page.select_option("#grants-1-sees" if page.query_selector("#grants-1-sees") else "#grants-0-sees","viewer"); page.click("main form >> text=Save"); shots(page,"access-saved")
        page.goto(base+"/people/salesforce"); shots(page,"salesforce")
        page.goto(base+"/people/sessions"); shots(page,"sessions")
        page.goto(base+"/people/me"); shots(page,"me")
        ctx=b.new_context(); pg=ctx.new_page(); pg.goto(base+"/signin/"); pg.click("text=Sign in with Salesforce")
        pg.click("text=Gina Rossi"); pg.on("console",lambda m: print("PG",m.text)); pg.click("button:has-text('Allow')"); pg.wait_for_timeout(4000); print("AFTER", pg.url); shots(pg,"no-right")
        ctx=b.new_context(); pg=ctx.new_page(); pg.goto(base+"/signin/"); pg.click("text=Sign in with Salesforce")
        pg.click("text=Farid Nasser"); pg.click("button:has-text('Allow')"); pg.wait_for_timeout(4000); print("AFTER", pg.url); shots(pg,"farid")
        print("CONSOLE",msgs)
        b.close()
    srv.shutdown(); srv.server_close()
