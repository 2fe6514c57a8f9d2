package import Events
package import Herald
package import LogEngine
package import LogFormat

/// Runs the modules of a root: one input after the other, each followed by the messages it caused, until nothing is
/// left (design §3).
///
/// The logs are a function of the inputs. Whoever opens a root that was left in the middle, at whatever point, feeds
/// the same inputs from the start: what is on the logs already is compared, not written again, and the run goes on
/// behind it. So a crash at any step costs nothing and doubles nothing.
package final class Conductor {
    private var reducers: [Module: any Reducer] = [:]
    private var herald: Herald
    private let checker: any SignatureChecker
    private let signers: [Module: any MessageSigner]
    private let transport: any Transport
    private let output: any EventOutput
    private let text = CanonicalText()
    private var timers = TimerQueue()
    /// Messages that wait for Herald, first in, first out (HER-08).
    private var outbox: [Message] = []
    private var inboxes: [Module: Inbox] = [:]
    /// Contracts that stand on the herald log.
    private var registered: [Module: PayloadHash] = [:]
    /// Lags since the run began; nil for a run that was not begun with `start`, which reports none.
    private var lags: LagBook?
    /// The time of the last input.
    package private(set) var now = VirtualTime(.min)

    /// Makes a conductor over modules that have seen nothing.
    ///
    /// - Parameters:
    ///   - reducers: the modules; no two with the same log.
    ///   - checker: checks signatures under the keys that `rotate` made known.
    ///   - signers: who signs for which module; the others send unsigned (SEC-01).
    ///   - transport: how messages reach the receivers.
    ///   - output: the logs, or what stands for them.
    package init(
        _ reducers: [any Reducer], herald: Herald, checker: any SignatureChecker,
        signers: [Module: any MessageSigner] = [:], transport: any Transport = DirectTransport(),
        output: any EventOutput
    ) {
        for reducer in reducers {
            precondition(self.reducers[reducer.module] == nil, "Invariant: one reducer a module")
            self.reducers[reducer.module] = reducer
            inboxes[reducer.module] = Inbox(reducer.module)
        }
        self.herald = herald
        self.checker = checker
        self.signers = signers
        self.transport = transport
        self.output = output
    }

    /// The reducer of a module, to look at.
    package func reducer(_ module: Module) -> (any Reducer)? { reducers[module] }

    /// Deliveries that have not ended.
    package var pendingDeliveryCount: Int { herald.pendingCount }

    /// Dead letters that can be sent again, oldest first.
    package var deadLetters: [DeadLettered] { herald.deadLetters }

    /// Begins a run: contracts that do not stand on the herald log yet come to stand there (ARC-18), and from now on
    /// the lag of every pair is reported after each hour that had traffic (HER-11, ARC-20).
    ///
    /// Like every input it is given again, with the same time, to a run that goes on, which then adds nothing. A
    /// contract that changed is given later, with the time of the change.
    ///
    /// - Parameter manifests: the contracts, at most one a module; their lineage is made here.
    package func start(_ manifests: [ManifestRegistered], at time: VirtualTime) throws(LogError) {
        try advance(to: time, including: false)
        now = max(now, time)
        if lags == nil { lags = LagBook(lettersMax: herald.settings.deadLettersMax) }
        for manifest in manifests.sorted(by: { $0.owner < $1.owner }) {
            guard registered[manifest.owner] != manifest.manifestHash else { continue }
            var record = manifest
            let key = "manifest|\(manifest.owner.text)|\(manifest.manifestHash)"
            record.lineage = Lineage(
                id: EventID(module: .herald, key: key, eventNanos: now.nanos), seenGlobalSeq: output.lastGlobalSeq)
            _ = try append(record, to: .herald)
            registered[manifest.owner] = manifest.manifestHash
        }
    }

    /// Takes the next input from outside, after everything that is due before it.
    ///
    /// - Parameters:
    ///   - event: the event, which stands on a log of the root or of the bundle already.
    ///   - modules: who is told, in order of rank.
    /// - Throws: `damaged` when the logs of an earlier run say something else; errors of the logs.
    package func take(
        _ event: any LogEvent & Sendable, globalSeq: UInt64, at time: VirtualTime, for modules: [Module]
    ) throws(LogError) {
        try advance(to: time, including: false)
        now = max(now, time)
        for module in modules.sorted() { try step(module, .outside(event, globalSeq: globalSeq), seen: globalSeq) }
        try drain()
    }

    /// Takes an operator's action: it comes to stand on the ops log, modules are told, and dead letters that it names
    /// are sent again (HER-12).
    package func act(
        _ action: OperatorActed, at time: VirtualTime, for modules: [Module] = []
    ) throws(LogError) {
        try advance(to: time, including: false)
        now = max(now, time)
        let place = try append(action, to: .ops)
        for module in modules.sorted() {
            try step(module, .outside(action, globalSeq: place.globalSeq), seen: place.globalSeq)
        }
        if let letters = RedriveAction.letters(action) { try perform(redrive(letters, action, place, checker)) }
        try drain()
    }

    private func redrive(
        _ letters: [EventID], _ action: OperatorActed, _ place: Place, _ checker: some SignatureChecker
    ) -> [HeraldAction] {
        let inboxes = inboxes
        return herald.redrive(
            letters, by: action.by, now: now.nanos, seenGlobalSeq: place.globalSeq, checker: checker,
            isTaken: { inboxes[$1]?.knows($0) ?? false })
    }

    /// Takes a module's new key: it comes to stand on the herald log and is valid from `time` on (SEC-07).
    ///
    /// - Throws: `usage` for a key id that the module had before, or a time that is not after that of the key in force.
    package func rotate(_ key: KeyRotated, at time: VirtualTime) throws(LogError) {
        let from = max(now, time)
        if let fault = herald.keys.fault(of: key, eventNanos: from.nanos) { throw LogError(.usage, fault) }
        try advance(to: from, including: false)
        now = from
        _ = try append(key, to: .herald)
        herald.apply(key, eventNanos: from.nanos)
    }

    /// Takes an answer that a transport brings later.
    package func answer(
        _ id: EventID, from target: Module, _ answer: DeliveryAnswer, at time: VirtualTime
    ) throws(LogError) {
        try advance(to: time, including: false)
        now = max(now, time)
        try perform(herald.answer(id, from: target, answer, now: now.nanos))
        try drain()
    }

    /// Does everything that is due up to a time: timers, and the router's retries.
    package func advance(to time: VirtualTime) throws(LogError) { try advance(to: time, including: true) }

    private func advance(to time: VirtualTime, including: Bool) throws(LogError) {
        let limit = including ? time : VirtualTime(time.nanos == .min ? .min : time.nanos - 1)
        while true {
            let heraldDue = herald.nextDueNanos.map(VirtualTime.init)
            let lagDue = lags?.dueNanos.map(VirtualTime.init)
            guard let next = [timers.nextDue, heraldDue, lagDue].compactMap({ $0 }).min(), next <= limit else { break }
            now = max(now, next)
            // A report is of what came before its moment.
            if let lagDue, lagDue <= next {
                for report in lags?.take(seenGlobalSeq: output.lastGlobalSeq) ?? [] {
                    _ = try append(report, to: .herald)
                }
                continue
            }
            // The router comes first: it has no rank below the modules' timers at the same time.
            if let heraldDue, heraldDue <= next {
                try perform(herald.advance(to: next.nanos))
            } else if let timer = timers.take(until: next) {
                try step(timer.module, .timer(timer.key), seen: output.lastGlobalSeq)
            }
            try drain()
        }
        if including { now = max(now, time) }
    }

    /// Lets the router deliver until nothing is left.
    private func drain() throws(LogError) {
        while !outbox.isEmpty {
            let message = outbox.removeFirst()
            try perform(accept(message, checker))
        }
    }

    private func accept(_ message: Message, _ checker: some SignatureChecker) -> [HeraldAction] {
        herald.accept(message, now: now.nanos, checker: checker)
    }

    private func perform(_ actions: [HeraldAction]) throws(LogError) {
        for action in actions {
            lags?.note(action, now: now.nanos)
            switch action {
            case .picked(let event): _ = try append(event, to: .herald)
            case .record(let event): _ = try append(event, to: .herald)
            case .dead(let event): _ = try append(event, to: .herald)
            case .redriven(let event): _ = try append(event, to: .herald)
            case .deliver(let message, let target, _):
                guard let answer = try transport.carry(message, to: target, self) else { continue }
                try perform(herald.answer(message.id, from: target, answer, now: now.nanos))
            }
        }
    }

    private func step(_ module: Module, _ input: Input, seen globalSeq: UInt64) throws(LogError) {
        guard var reducer = reducers[module] else { return }
        var effects = Effects(module: module, now: now, seenGlobalSeq: globalSeq)
        reducer.step(input, now, &effects)
        reducers[module] = reducer
        for effect in effects.all {
            switch effect {
            case .append(let event): try publish(event, from: module)
            case .timer(let timer): timers.set(timer)
            case .cancel(let key): timers.cancel(module: module, key: key)
            }
        }
    }

    /// Appends an event of a module and, if it is addressed, puts it into the outbox.
    private func publish(_ event: some DomainEvent, from module: Module) throws(LogError) {
        guard var message = event as? any MessageEvent, message.envelope != nil else {
            _ = try append(event, to: module)
            return
        }
        let payload = try seal(&message, of: module)
        let place = try append(message, to: module, flags: .message)
        guard let envelope = message.envelope else { return }
        outbox.append(
            Message(
                id: message.lineage.id, log: module, seq: place.seq, globalSeq: place.globalSeq, sentNanos: now.nanos,
                lifecycleID: message.lineage.lifecycleID, envelope: envelope, payload: payload))
    }

    /// Writes the hash of the payload into the envelope, and the signature if the module signs.
    private func seal(_ message: inout some MessageEvent, of module: Module) throws(LogError) -> [UInt8] {
        let payload = try hash(&message)
        guard let signer = signers[module], let envelope = message.envelope else { return payload }
        let bytes = Message.signedBytes(id: message.lineage.id, sentNanos: now.nanos, envelope: envelope)
        do throws(SigningError) {
            let signed = try signer.sign(bytes, nanos: now.nanos)
            message.envelope?.keyID = signed?.keyID
            message.envelope?.signature = signed?.signature
        } catch {
            throw LogError(.badEvent, "\(module.text): \(error)")
        }
        return payload
    }

    private func hash(_ message: inout some MessageEvent) throws(LogError) -> [UInt8] {
        do throws(FormatError) {
            let payload = try text.payload(&message)
            message.envelope?.hash = PayloadHash(Digest(hashing: payload))
            return payload
        } catch {
            throw LogError(.badEvent, "\(error)")
        }
    }

    private func append(
        _ event: some LogEvent, to module: Module, flags: EventFlags = []
    ) throws(LogError) -> Place {
        var event = event
        return try output.append(&event, to: module, eventNanos: now.nanos, flags: flags)
    }
}

extension Conductor: MessageReceiver {
    /// Takes a message into its receiver's inbox: the receiver's log gets the receipt and the effects.
    package func receive(_ message: Message, for target: Module) throws(LogError) -> DeliveryAnswer {
        guard var inbox = inboxes[target] else { return .failed("\(target.text) does not run") }
        let isKnown = inbox.knows(message)
        let receipt = inbox.receipt(message, isKnown ? .duplicateIgnored : .consumed, now: now.nanos)
        inbox.apply(receipt)
        inboxes[target] = inbox
        _ = try append(receipt, to: target)
        if !isKnown { try step(target, .message(message), seen: message.globalSeq) }
        return .taken
    }
}
