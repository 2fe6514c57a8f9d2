internal import LogFormat
internal import Synchronization

extension LogWriter {
    /// Waits until the event `seq` and all before it have reached `level`.
    ///
    /// - Throws: the poison, if the level will never be reached.
    public func wait(for seq: UInt64, _ level: AppendLevel = .durable) throws(LogError) {
        switch level {
        case .buffered: return
        case .written:
            if writtenSeq < seq { try flush() }
        case .durable:
            if durableSeq < seq { group.commit(self, upTo: seq) }
            if durableSeq < seq { throw closedError() }
        }
    }

    /// Asks for the event `seq` to become durable soon, without waiting: the writer's thread commits back to back.
    public func requestDurable(_ seq: UInt64) {
        let before = asksForSync.load(ordering: .relaxed)
        if seq > before { asksForSync.store(seq, ordering: .releasing) }
        if before <= durableSeq { work.notify() }
    }

    /// Writes everything appended so far; afterwards it survives the death of the process.
    public func flush() throws(LogError) {
        let seq = frontLock.locked { cutOpenBatch() }
        try write(upTo: seq)
    }

    /// Writes pending batches up to `seq`, in order.
    private func write(upTo seq: UInt64) throws(LogError) {
        try coreLock.locked { () throws(LogError) in try writeHoldingCore(upTo: seq) }
    }

    private func writeHoldingCore(upTo seq: UInt64) throws(LogError) {
        if let poison = core.poison {
            // What failed may have been a mark or a new type; without this, appends would wait for room for ever.
            stopHoldingCore()
            throw poison
        }
        while core.writtenSeq < seq {
            let next = frontLock.locked { front.value.filled.isEmpty ? nil : front.value.filled.removeFirst() }
            guard let batch = next else { return }
            let pending = core.sealer.pending.count
            do throws(LogError) { unsafe try core.write(batch.builder.pointee) } catch {
                stopHoldingCore()
                throw error
            }
            unsafe batch.builder.pointee.removeAll()
            frontLock.locked {
                front.value.spare.append(batch)
                front.value.isLowOnSpace = core.isLowOnSpace
            }
            written.store(core.writtenSeq, ordering: .releasing)
            durable.store(core.durableSeq, ordering: .releasing)
            if core.claimNext() {
                asksForNext.store(true, ordering: .releasing)
                sealWork.notify()
            }
            if core.sealer.pending.count > pending { sealWork.notify() }
        }
        progress.notify()
    }

    /// The log's part of a commit round: writes up to `seq` and syncs; the result is not published yet.
    func writeAndSync(upTo seq: UInt64) -> Result<LogCore.SyncTarget?, LogError> {
        do throws(LogError) {
            coreLock.lock()
            defer { coreLock.unlock() }
            try writeHoldingCore(upTo: seq)
            core.closeRetired()
            guard let target = core.beginSync(upTo: seq) else { return .success(nil) }
            coreLock.unlock()
            defer { coreLock.lock() }
            try target.run(fileSystem)
            return .success(target)
        } catch {
            return .failure(error)
        }
    }

    /// Publishes what a round made durable.
    func release(_ target: LogCore.SyncTarget) {
        coreLock.locked {
            core.finishSync(target)
            durable.store(core.durableSeq, ordering: .releasing)
        }
        progress.notify()
    }

    /// Refuses everything from now on.
    func stop(_ error: LogError) {
        coreLock.locked {
            core.poison(error)
            stopHoldingCore()
        }
    }

    private func stopHoldingCore() {
        // Locks are taken in this order, the core's before the front's, everywhere.
        frontLock.locked {
            front.value.isClosed = true
            front.value.poison = core.poison
        }
        // After the reason is there: whoever sees the stop asks for it.
        hasStopped.store(true, ordering: .releasing)
        progress.notify()
        work.notify()
        sealWork.notify()
    }

    /// Whether `seq` is durable, or never will be.
    func isSettled(_ seq: UInt64) -> Bool { durableSeq >= seq || hasStopped.load(ordering: .acquiring) }

    /// Writes full batches, and small ones that waited long enough; commits for those who asked without waiting;
    /// notes marks when idle.
    func runWriter() {
        let napsBeforeSleep = max(1, options.markDelayNanos / options.batchDelayNanos)
        var quietNaps: Int64 = 0
        while !isClosing.load(ordering: .acquiring), !hasStopped.load(ordering: .acquiring) {
            let seen = work.current
            let (filled, open, last) = frontLock.locked {
                (front.value.filled.last?.lastSeq, front.value.open.count, front.value.nextSeq - 1)
            }
            if asksForSync.load(ordering: .acquiring) > durableSeq {
                group.commit(self, upTo: asksForSync.load(ordering: .acquiring))
                quietNaps = 0
            } else if let filled {
                try? write(upTo: filled)
                quietNaps = 0
            } else if open > 0 {
                work.wait(seen: seen, timeoutNanos: options.batchDelayNanos)
                // Events that stood there before the nap have waited their time, if nobody wrote them in the
                // meantime.
                if writtenSeq < last { try? flush() }
                quietNaps = 0
            } else if quietNaps < napsBeforeSleep {
                quietNaps += 1
                work.wait(seen: seen, timeoutNanos: options.batchDelayNanos)
            } else {
                coreLock.locked { try? core.writeMark() }
                sleeps.store(true, ordering: .sequentiallyConsistent)
                let isIdle = frontLock.locked { front.value.open.count == 0 && front.value.filled.isEmpty }
                if isIdle { work.wait(seen: seen) }
                sleeps.store(false, ordering: .sequentiallyConsistent)
                // Who wakes one sleeper for one event and writes it alone is likely to do so again soon: a thread that
                // only naps need not be woken, and leaves the processor to the readers.
                quietNaps = 0
            }
        }
    }

    /// Prepares next segments and seals closed ones in the background; only the last step of a seal touches what the
    /// writer touches.
    func runSealer() {
        while true {
            let seen = sealWork.current
            prepareNextIfAsked()
            let (closed, types) = coreLock.locked { (core.sealer.takeNext(), core.registry.all) }
            guard let closed else {
                if isClosing.load(ordering: .acquiring) || hasStopped.load(ordering: .acquiring) { return }
                sealWork.wait(seen: seen)
                continue
            }
            do throws(LogError) {
                var sealer = coreLock.locked { core.sealer }
                sealer.types = { types }
                // Under full load a seal takes longer than the next segment takes to fill.
                sealer.betweenBlocks = { [unowned self] in self.prepareNextIfAsked() }
                let record = try sealer.seal(closed, environment: core.environment, directory: core.directory)
                try coreLock.locked { () throws(LogError) in
                    core.sealer.adopt(sealer)
                    try core.finishSeal(record, of: closed)
                }
            } catch {
                stop(error)
                return
            }
        }
    }

    private func prepareNextIfAsked() {
        guard asksForNext.load(ordering: .acquiring) else { return }
        asksForNext.store(false, ordering: .releasing)
        core.prepareNext()
    }

    /// Ends the log cleanly: everything durable, marked and noted.
    ///
    /// With `seal`, also seals the last segment.
    ///
    /// - Throws: the poison; the log is then closed all the same, and recovery runs at the next open.
    public func close(seal: Bool = false) throws(LogError) {
        let seq = frontLock.locked {
            front.value.isClosed = true
            return cutOpenBatch()
        }
        group.commit(self, upTo: seq)
        isClosing.store(true, ordering: .releasing)
        work.notify()
        sealWork.notify()
        threadNanos = (writing: thread?.join() ?? 0, sealing: sealThread?.join() ?? 0)
        thread = nil
        sealThread = nil
        group.leave(self)
        try coreLock.locked { () throws(LogError) in try core.close(seal: seal) }
    }
}
