import LogFormat

/// A log of a root and who writes it (ENUM-02, ARC-01, ARC-03); the raw value is its rank in the total order.
package enum Module: UInt8, EventSymbol, Comparable {
    /// Market data.
    case mkt
    /// Vision.
    case vis
    /// Signal Engine.
    case sig
    /// Decision-Maker.
    case dm
    /// Trader.
    case tr
    /// Router.
    case herald
    /// Cross-module learning.
    case weave
    /// Operators, review board, compute governance, experiments.
    case ops

    /// The names of the logs.
    package static let symbols = ["mkt", "vis", "sig", "dm", "tr", "herald", "weave", "ops"]
    /// Order of the ranks.
    @inlinable
    package static func < (a: Module, b: Module) -> Bool { a.rawValue < b.rawValue }
}

/// What a message wants (ENUM-01).
package enum Intent: UInt8, EventSymbol {
    case alphaProposed, alphaWithdrawn, decision, execReport, priorPatch, lessonPublished, watchdogAlert, alphaHint
    case priorPatchApplied, priorPatchRejected, metaSignal, triggerEval, decisionCancelled

    /// The intents as written.
    package static let symbols = [
        "ALPHA_PROPOSED", "ALPHA_WITHDRAWN", "DM_DECISION", "EXEC_REPORT", "PRIOR_PATCH", "LESSON_PUBLISHED",
        "WATCHDOG_ALERT", "ALPHA_HINT", "PRIOR_PATCH_APPLIED", "PRIOR_PATCH_REJECTED", "META_SIGNAL", "TRIGGER_EVAL",
        "DM_DECISION_CANCELLED",
    ]
}

/// Why a message was not delivered (ENUM-15).
package enum DeadLetterReason: UInt8, EventSymbol {
    case schemaInvalid, unknownIntent, unknownTarget, accessDenied, hashMismatch, signatureInvalid, expired
    case quotaExceeded, handlerFailed, retriesExhausted

    /// The reason codes.
    package static let symbols = [
        "SCHEMA_INVALID", "UNKNOWN_INTENT", "UNKNOWN_TARGET", "ACL_DENIED", "HASH_MISMATCH", "SIG_INVALID",
        "TTL_EXPIRED", "QUOTA_EXCEEDED", "HANDLER_FAILED", "RETRIES_EXHAUSTED",
    ]
}
