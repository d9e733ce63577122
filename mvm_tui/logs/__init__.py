"""CloudWatch logs of MicroVMs: finding, following without loss, keeping, searching and saving them.

Everything here is synchronous: what takes long runs in threads of its own and calls back; whoever has an
event loop makes messages of it. Times are milliseconds since 1970 unless a name says otherwise.

Finding
    `find.Finder(reader, clock, where)` gives a `places.Place` (group, streams) for a MicroVM or an image, or
    a `find.Missing` whose `absence` is one of five: no logs yet, no execution role, logging disabled, no
    permission, no such group; `what`, `why` and `fix` are sentences. `places.where` makes the `where` of the
    config's overrides and of what launches are remembered for. `aws.logs.LogReader(connection, clock)`
    makes the calls; all readers of a connection share its call budget.
    `builds.build_log` finds all streams of an image version's build.

Following
    ``Follower(reader, find, clock, on_batch, on_status, first=1_000)`` follows one stream, many, or a group,
    in a thread, until `stop`. `find` returns places or a `Missing`, and is asked again while it is missing.
    `on_batch` gets an `order.Batch`: events in order, and those that are `late`. `on_status` gets a
    `status.Status`: phase, lag, interval, back-off and its reason, counts, Live Tail. With ``since=`` all
    from a moment on is read, oldest first. A screen takes ``first=``: the newest lines at once, and older
    ones when it calls `Follower.history.older()` from another thread, for `Ring.add_older`.
    `Follower.set_live` switches Live Tail on and off, `refresh` reads at once.
    A merged view is several places; a group with ``vms=`` for each image needs no finding at all.
    `history.window` reads from a moment to a moment, in order; `history.History` backwards, also by a
    pattern of CloudWatch's.

Keeping
    `ring.Ring` holds what fits, sorted; `add(batch)` and `add_older(events)` return the sequence numbers of
    new lines. Numbers stay as long as their line and sort as the lines do: keep cursor, marks and scroll
    position as numbers, and ask `place(number)`. `rows(start, stop)` is what a screen draws.

Filtering
    `query.parse_filter(text, now)` reads the language that its module shows. `search.Search(ring, filter,
    on_hits)` finds the lines in a thread, newest first, and goes on with `added(numbers)`; its `hits` are
    indexed like the ring. `Filter.server_pattern` is for `History`. `highlight.Highlighter` and
    `patterns.Pattern.spans` tell what to mark in a line.

Reading
    `levels.level_of`, `json_lines.parse_json_line`, `traces.Grouper`, `boots.Boots`; `lines.LineForm` and
    `lines.record` write events, `save.save` writes files. Messages are untrusted: what is shown passes
    `model.text` first, or `styles.pieces`, which keeps the colours of plain SGR.
"""
