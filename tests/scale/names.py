"""Names in several scripts, each with the Latin letters that its owner puts into an address."""

from __future__ import annotations

_GIVEN = """
    Anna/anna Jonas/jonas Jürgen/juergen Käthe/kaethe Élodie/elodie François/francois
    Zoë/zoe Mary/mary John/john Olivia/olivia Noah/noah Ömer/omer İrem/irem Çağla/cagla
    Łukasz/lukasz Żaneta/zaneta José/jose Lucía/lucia Søren/soren Åsa/asa
    Αλέξανδρος/alexandros Ελένη/eleni Дмитрий/dmitri Ольга/olga محمد/muhammad
    فاطمة/fatima יעל/yael דוד/david さくら/sakura 健太/kenta 伟/wei 秀英/xiuying 민준/minjun
    서연/seoyeon आरव/aarav प्रिया/priya Nguyễn/nguyen Thảo/thao Chidi/chidi Amara/amara
"""
_FAMILY = """
    Müller/mueller Schmidt/schmidt Groß/gross Weiß/weiss Lefèvre/lefevre Dubois/dubois
    Smith/smith Jones/jones O'Neill/oneill Brown/brown Yıldız/yildiz Şahin/sahin
    Kowalski/kowalski Wójcik/wojcik García/garcia Muñoz/munoz Jørgensen/jorgensen
    Öberg/oberg Παπαδόπουλος/papadopoulos Οικονόμου/oikonomou Иванов/ivanov
    Смирнова/smirnova الحسن/alhassan السيد/alsayed כהן/cohen לוי/levi 佐藤/sato 鈴木/suzuki
    王/wang 李/li 김/kim 박/park शर्मा/sharma सिंह/singh Trần/tran Lê/le Okafor/okafor
    Mensah/mensah Novák/novak Horvat/horvat Andersson/andersson Virtanen/virtanen
    Rossi/rossi Ferrari/ferrari Silva/silva Santos/santos Haddad/haddad
"""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, latin) for name, _, latin in (pair.partition("/") for pair in text.split()))


GIVEN = _pairs(_GIVEN)
"""Given names."""
FAMILY = _pairs(_FAMILY)
"""Family names."""
DOMAINS = (
    "example.com",
    "mail.example",
    "example.org",
    "post.example.net",
    "firma.example",
    "school.example",
    "example.co.uk",
)
"""Where their addresses are."""
CITIES = ("Berlin", "Köln", "Paris", "İzmir", "Łódź", "Αθήνα", "Москва", "القاهرة", "東京", "서울", "New York", "Lagos")
LANGUAGES = ("de", "de", "fr", "tr", "pl", "el", "ru", "ar", "ja", "ko", "en", "en")
"""Spoken in the cities."""
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36",
)
"""Browsers."""
