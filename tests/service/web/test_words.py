from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from configs.plant import Text
from service.web.words import Words
from tests.fakes.plain import plain

FRIDAY = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)


def test_a_day_comes_with_its_weekday_in_the_zone_of_the_site(ko: Words, en: Words) -> None:
    assert plain(ko.day(FRIDAY)) == "11월 27일(금)"
    assert plain(en.day(FRIDAY)) == "Fri 27 Nov"
    west = replace(ko, zone=ZoneInfo("America/New_York"))
    assert plain(west.day(FRIDAY)) == "11월 26일(목)"


def test_a_day_of_another_year_names_the_year(ko: Words, en: Words) -> None:
    at = FRIDAY + timedelta(days=365)
    assert plain(ko.day(at)) == "2027년 11월 27일(토)"
    assert plain(en.day(at)) == "Sat 27 Nov 2027"
    assert plain(ko.moment(at)) == "2027년 11월 27일(토) 10:30"


def test_times_of_day(ko: Words, en: Words) -> None:
    assert plain(ko.moment(FRIDAY)) == "11월 27일(금) 10:30"
    assert ko.clock(FRIDAY) == "10:30"
    assert ko.until(ko.now) == "17:05"
    assert plain(ko.until(FRIDAY)) == "11월 27일(금) 10:30"
    assert ko.stamp(FRIDAY) == "2026-11-27 10:30:00"
    assert en.month(FRIDAY) == "November"


def test_how_long_something_has_lasted(ko: Words, en: Words) -> None:
    assert ko.lasting(timedelta(seconds=12)) == "12초"
    assert ko.lasting(timedelta(minutes=26)) == "26분"
    assert ko.lasting(timedelta(minutes=72)) == "1시간 12분"
    assert en.lasting(timedelta(days=1, hours=3)) == "1 day"
    assert en.lasting(timedelta(days=3)) == "3 days"
    assert ko.lasting(timedelta(seconds=-5)) == "0초"
    assert ko.ago(ko.now - timedelta(minutes=3)) == "3분 전"


def test_a_range_names_its_unit_once(ko: Words, en: Words) -> None:
    assert ko.between(timedelta(days=2.4), timedelta(days=12.3)) == "2~12일"
    assert en.between(timedelta(days=2.4), timedelta(days=12.3)) == "2–12 days"
    assert ko.between(timedelta(days=41), timedelta(days=300)) == "41일~9.9개월"


def test_english_counts_one_and_many(en: Words) -> None:
    assert en.count("fleet.needing", 1) == "1 machine needs attention"
    assert en.count("fleet.needing", 4) == "4 machines need attention"
    assert en.length(timedelta(days=1)) == "1 day"


def test_money_is_rounded_as_people_say_it(ko: Words, en: Words) -> None:
    assert ko.money(923_400) == "약 92만 원"
    assert en.money(923_400) == "about KRW 920,000"
    assert ko.money(54_321_000) == "약 5,430만 원"
    assert ko.money(9_500) == "약 9,500원"


def test_the_number_of_a_machine_is_never_alone_on_a_line(ko: Words, en: Words) -> None:
    name = Text(ko="머시닝센터 3호기", en="Machining centre 3")
    assert ko.text(name) == "머시닝센터\N{NO-BREAK SPACE}3호기"
    assert en.text(name) == "Machining centre\N{NO-BREAK SPACE}3"


def test_a_name_inside_an_english_sentence_has_no_capital_unless_it_is_an_acronym(ko: Words, en: Words) -> None:
    assert en.within(Text(ko="주축 베어링", en="Spindle bearing")) == "spindle bearing"
    assert en.within(Text(ko="브이벨트", en="V-belt")) == "V-belt"
    assert en.within(Text(ko="냉각수", en="")) == ""
    assert ko.within(Text(ko="LM 가이드", en="LM guide")) == "LM 가이드"
