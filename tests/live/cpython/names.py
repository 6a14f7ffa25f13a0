# Names that UTF-8 can say and names that it cannot.
def named(name, file="case"):
    code = (lambda: None).__code__
    return type(named)(code.replace(
        co_name=name, co_qualname="other", co_filename=file), {})

for name in (
    "plain", "k\u00e4se", "\u2192\U0001f40d", "\udcff", "a\ud800\udfffb",
    "a\0b", "", "<lambda>", "\x7f\x80\uffff\U0010ffff", "two\nlines",
    "\u07ff\u0800\U00010000", "100%s",
):
    named(name)()
named("name", "case\udce4.py")()
named("name", "case\u00e4.py")()
named("name", "case\0.py")()

def pending(name):
    try:
        named(name)()
        raise ValueError("kept")
    finally:
        named(name)()

for name in "k\u00e4se", "\udcff", 5000 * "\udcff":
    try:
        pending(name)
    except ValueError as e:
        print(e, e.__context__, e.__traceback__.tb_lineno)

named(4090 * "a", "long")()
named(5000 * "\u00e4", "cut")()
named(5000 * "\udcff", "cut")()
named(998 * "a" + 5000 * "\U0001f40d", "cut")()
