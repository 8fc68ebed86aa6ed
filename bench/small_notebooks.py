"""Small notebooks for warm.py that need nothing but the standard library."""
import pathlib

import peers

#: Six cells each; {n} differs from notebook to notebook.
TOPICS = {
    "harvest": [
        "import csv, io, random\nfrom collections import defaultdict",
        "draw = random.Random({n})\nrows = [(field, draw.randint(20, 90)) for field in 'abcdef' "
        "for _ in range(30)]",
        "sheet = io.StringIO()\ncsv.writer(sheet).writerows([('field', 'kilos')] + rows)\n"
        "print(len(sheet.getvalue()), 'characters')",
        "sheet.seek(0)\nkilos = defaultdict(int)\nfor row in csv.DictReader(sheet):\n"
        "    kilos[row['field']] += int(row['kilos'])",
        "best = max(kilos, key=kilos.get)\nbest, kilos[best]",
        "for field in sorted(kilos):\n    print(field, '#' * (kilos[field] // 100))",
    ],
    "ferries": [
        "from datetime import date, timedelta\nimport calendar",
        "first = date(2024, 1, 1) + timedelta(days={n})\n"
        "sailings = [first + timedelta(days=3 * step) for step in range(60)]",
        "by_day = {name: 0 for name in calendar.day_name}\nfor day in sailings:\n"
        "    by_day[calendar.day_name[day.weekday()]] += 1\nby_day",
        "gaps = {(later - sooner).days for sooner, later in zip(sailings, sailings[1:])}\n"
        "assert gaps == {3}",
        "print(calendar.month(first.year, first.month))",
        "sailings[-1].isoformat()",
    ],
    "letters": [
        "import re\nfrom collections import Counter\nimport textwrap",
        "letter = ' '.join('Parcel %d went to pier %d on Monday.' % (i, i % {n} + 1) "
        "for i in range(80))",
        "words = re.findall(r'[a-z]+', letter.lower())\nCounter(words).most_common(3)",
        "piers = Counter(int(number) for number in re.findall(r'pier (\\d+)', letter))\nlen(piers)",
        "print(textwrap.fill(letter[:300], 50))",
        "masked = re.sub(r'\\d', '*', letter)\nmasked[:40]",
    ],
    "shelves": [
        "import sqlite3",
        "shop = sqlite3.connect(':memory:')\n"
        "shop.execute('create table jars (shelf integer, grams integer)')",
        "shop.executemany('insert into jars values (?, ?)', "
        "[(i % 7, (i * {n}) % 400 + 100) for i in range(200)])\nshop.commit()",
        "heavy = shop.execute('select shelf, sum(grams) from jars group by shelf '\n"
        "                     'order by 2 desc').fetchall()\nheavy",
        "for shelf, grams in heavy[:3]:\n    print('shelf', shelf, 'holds', grams)",
        "shop.close()",
    ],
    "tides": [
        "import math, statistics",
        "heights = [2 + math.sin(hour / 6.2 + {n}) + 0.3 * math.cos(hour) for hour in range(400)]",
        "statistics.mean(heights), statistics.stdev(heights)",
        "high = [hour for hour in range(1, 399) if heights[hour - 1] < heights[hour] "
        ">= heights[hour + 1]]\nprint(len(high), 'high tides')",
        "def between(times):\n    return [later - sooner for sooner, later in zip(times, times[1:])]",
        "statistics.median(between(high))",
    ],
    "settings": [
        "import copy, json\nfrom pathlib import Path",
        "settings = {'lamps': [{'name': 'lamp %d' % i, 'watts': i * {n}} for i in range(40)]}",
        "path = Path('settings-{n}.json')\npath.write_text(json.dumps(settings))",
        "again = json.loads(path.read_text())\nagain == settings",
        "dimmed = copy.deepcopy(again)\nfor lamp in dimmed['lamps']:\n    lamp['watts'] //= 2",
        "path.unlink()\nsum(lamp['watts'] for lamp in dimmed['lamps'])",
    ],
    "shares": [
        "from fractions import Fraction\nfrom itertools import accumulate, combinations",
        "parts = [Fraction(1, k + {n}) for k in range(1, 25)]",
        "total = sum(parts)\nprint(total.denominator)",
        "running = list(accumulate(parts))\nfloat(running[-1])",
        "close = min(combinations(parts, 2), key=lambda pair: abs(pair[0] - pair[1]))\nclose",
        "[round(float(part / total), 3) for part in parts[:5]]",
    ],
    "routes": [
        "import heapq",
        "roads = {stop: {(stop * 7 + {n}) % 60: stop % 5 + 1, (stop + 1) % 60: 4} "
        "for stop in range(60)}",
        "def distances(start):\n    known, ahead = {}, [(0, start)]\n    while ahead:\n"
        "        far, stop = heapq.heappop(ahead)\n        if stop in known:\n"
        "            continue\n        known[stop] = far\n"
        "        for other, length in roads[stop].items():\n"
        "            heapq.heappush(ahead, (far + length, other))\n    return known",
        "found = distances(0)\nlen(found)",
        "print('farthest:', max(found, key=found.get), 'at', max(found.values()))",
        "sorted(found.values())[:10]",
    ],
}


def sources(number):
    topic = list(TOPICS)[number % len(TOPICS)]
    return topic, [cell.replace("{n}", str(number + 2)) for cell in TOPICS[topic]]


def write(folder, count):
    """Paths of `count` notebooks, made in `folder`."""
    paths = []
    for number in range(count):
        topic, cells = sources(number)
        path = pathlib.Path(folder) / ("%02d_%s.ipynb" % (number, topic))
        paths.append(peers.write_notebook(path, cells))
    return paths
