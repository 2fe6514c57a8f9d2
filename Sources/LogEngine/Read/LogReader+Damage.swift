internal import LogFormat

extension LogReader {
    /// Goes on behind a damaged place; returns the seq of the next event that can be read, nil if there is none.
    public func skipDamage() throws(LogError) -> UInt64? {
        if manifestDamage != nil {
            manifestDamage = nil
            return nextSeq
        }
        if let current {
            let stream = current.stream
            stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
            var includingHere = true
            while try wrapping({ () throws(FSError) in try stream.resynchronise(includingHere: includingHere) }) {
                let start = stream.offset
                let step = try wrapping { () throws(FSError) in try stream.next() }
                stream.seek(to: start)
                if case .block(let block) = step, block.firstSeq >= nextSeq {
                    self.current?.linkIsKnown = false
                    self.current?.lastStart = nil
                    nextSeq = block.firstSeq
                    return nextSeq
                }
                includingHere = false
            }
        }
        let names = try readableNames()
        guard let name = broken?.name ?? current?.name, let index = names.firstIndex(of: name) else { return nil }
        for next in names[(index + 1)...] {
            do throws(LogError) { try open(next) } catch {
                // Its header is damaged too: its events are lost with it.
                guard error.code == .damaged else { throw error }
                continue
            }
            if let opened = self.current { nextSeq = max(nextSeq, opened.header.baseSeq) }
            return nextSeq
        }
        return nil
    }

    func check(_ block: BlockHeader, _ current: Current) throws(LogError) {
        if block.firstSeq != nextSeq {
            throw damage(
                current, first: nextSeq, last: max(block.firstSeq, nextSeq) - 1,
                "block starts at seq \(block.firstSeq), expected \(nextSeq)")
        }
        if current.linkIsKnown, block.link != current.lastHash {
            throw damage(
                current, first: block.firstSeq, last: block.lastSeq,
                "block links to \(hex(block.link)), the block before it is \(hex(current.lastHash))")
        }
    }

    func learn(_ stream: SegmentStream, _ name: String) throws(LogError) {
        let (typeID, schema) = try wrapping(at: name) { () throws(FormatError) in
            try unsafe stream.withPayload { payload throws(FormatError) in unsafe try SchemaBlock.decode(payload) }
        }
        if let known = registry.schema(typeID), known.identityDigest == schema.identityDigest, known == schema {
            return
        }
        try registry.insert(schema, typeID: typeID)
    }

    /// Whether to look at a place again that seems bad or to be the end of the log, with marks from before that look.
    ///
    /// What a writer makes durable it writes first and vouches for then. So only what is still missing when the marks
    /// are read before the file is a loss, and not a writer that was faster than this reader.
    func looksAgain(
        _ acknowledged: inout UInt64?, at start: UInt64, _ current: Current, _ live: CommitState?
    ) throws(LogError) -> Bool {
        guard acknowledged == nil else { return false }
        acknowledged = acknowledgedSeq()
        current.stream.forget()
        current.stream.seek(to: start)
        if live == nil {
            current.stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
        }
        return true
    }

    /// At the end of what can be read of a segment: whether to go on, in the next one or with a second look.
    ///
    /// - Throws: `damaged` when events are missing here that were acknowledged.
    func goesOn(
        _ current: Current, _ live: CommitState?, _ acknowledged: inout UInt64?, isPadding: Bool
    ) throws(LogError) -> Bool {
        if try advance(live) {
            acknowledged = nil
            return true
        }
        // Behind the mark of a living writer is nothing to be missed.
        if live != nil { return false }
        let start = current.stream.offset
        let isKnownTorn = try tornEnd == end(of: current)
        let wrong = isPadding && !isKnownTorn ? try wrongPadding(current) : nil
        if acknowledged == nil, acknowledgedSeq() < nextSeq, wrong == nil { return false }
        if try looksAgain(&acknowledged, at: start, current, live) { return true }
        if let marks = acknowledged, marks >= nextSeq, location.onlySegment == nil {
            throw damage(
                current, first: nextSeq, last: marks,
                "the log ends at seq \(nextSeq - 1), but events up to \(marks) were acknowledged as durable; "
                    + "restore the log from a copy, or go on with what is left: lotus salvage")
        }
        if let wrong, try !isTornTail(current, acknowledged) {
            throw damage(current, first: nextSeq, last: nil, "at offset \(start): \(wrong)")
        }
        return false
    }

    /// What is wrong with the padding at the current place: blocks of one commit may have reached the disk out of
    /// order, and stand behind a padding frame then.
    private func wrongPadding(_ current: Current) throws(LogError) -> FormatError? {
        let stream = current.stream
        let place = (ordinal: current.header.ordinal, offset: stream.offset, size: stream.limit)
        if let known = cleanPadding, known == place { return nil }
        let wrong = try wrapping { () throws(FSError) in try stream.checkPadding() }
        stream.forget()
        stream.seek(to: place.offset)
        if wrong == nil { cleanPadding = place }
        return wrong
    }

    /// A log without any segment has lost what MANIFEST and COMMIT vouch for.
    func checkNotEmptied() throws(LogError) {
        let marks = acknowledgedSeq()
        guard marks > 0, location.onlySegment == nil, try readableNames().isEmpty else { return }
        nextSeq = 1
        throw LogError(
            .damaged,
            "\(location.directory): events 1…\(marks) cannot be read: no segment is left, but they were acknowledged "
                + "as durable; restore the log from a copy")
    }

    private func end(of current: Current) throws(LogError) -> TornEnd {
        TornEnd(
            ordinal: current.header.ordinal, seq: nextSeq,
            fileSize: try wrapping { () throws(FSError) in try fileSystem.size(current.file) },
            epoch: commitPage?.read()?.epoch ?? 0)
    }

    /// Without a writer, bytes that do not verify at the very end were never acknowledged, if no mark says otherwise.
    func isTornTail(_ current: Current, _ acknowledged: UInt64?) throws(LogError) -> Bool {
        guard try readableNames().last == current.name, nextSeq > acknowledged ?? acknowledgedSeq() else {
            return false
        }
        let end = try end(of: current)
        if tornEnd == end { return true }
        let scan = unsafe try SegmentScan(fileSystem, current.file, name: current.name)
        guard nextSeq > scan.durableSeq else { return false }
        tornEnd = end
        return true
    }

    func damage(_ current: Current, first: UInt64, last: UInt64?, _ detail: String) -> LogError {
        let range = last.map { $0 >= first ? "events \(first)…\($0)" : "no event" } ?? "events from \(first) on"
        return LogError(.damaged, "\(location.directory)/\(current.name): \(range) cannot be read: \(detail)")
    }
}
