import LogFormat

/// Standing of a braid (ENUM-08).
package enum BraidState: UInt8, EventSymbol {
    case proposed, active, sunset, archived

    /// The states as written.
    package static let symbols = ["proposed", "active", "sunset", "archived"]
}

/// How a braid is composed of its parents (ENUM-09).
package enum BraidOperator: UInt8, EventSymbol {
    case union, intersect, except, attenuate, liftOnly, penaltyOnly

    /// The operators as written.
    package static let symbols = ["UNION", "INTERSECT", "EXCEPT", "ATTENUATE", "LIFT_ONLY", "PENALTY_ONLY"]
}

/// Scale of a braid (ENUM-10).
package enum BraidType: UInt8, EventSymbol {
    case micro, meta, field

    /// The types as written.
    package static let symbols = ["micro", "meta", "field"]
}

/// Whose lesson a braid is (ENUM-10).
package enum BraidScope: UInt8, EventSymbol {
    case sig, dm, tr, cross, vis

    /// The scopes as written.
    package static let symbols = ["sig", "dm", "tr", "cross", "vis"]
}

/// What a braid's effect covers (ENUM-10).
package enum EffectScope: UInt8, EventSymbol {
    case detector, asset, policy

    /// The scopes as written.
    package static let symbols = ["detector", "asset", "policy"]
}

/// How changes of a knob add up (ENUM-28).
package enum KnobKind: UInt8, EventSymbol {
    case additive, multiplicative, boolean, categorical

    /// The kinds as written.
    package static let symbols = ["additive", "multiplicative", "boolean", "categorical"]
}

/// How a literal compares a feature with a value.
package enum Comparison: UInt8, EventSymbol {
    case less, lessOrEqual, greater, greaterOrEqual, equal

    /// The comparisons as written.
    package static let symbols = ["<", "<=", ">", ">=", "=="]
}

/// A power of the review board (ENUM-24).
package enum BoardAction: UInt8, EventSymbol {
    case approve, reject, extendTTL, overrideCap

    /// The actions as written.
    package static let symbols = ["approve", "reject", "extend_ttl", "override_cap"]
}

/// What kind of run (ENUM-23).
package enum RunType: UInt8, EventSymbol {
    case replay, walkForward, counterfactual, audit, learner

    /// The kinds as written.
    package static let symbols = ["replay", "walk_forward", "counterfactual", "audit", "learner"]
}

/// How a run stands (ENUM-23).
package enum RunStatus: UInt8, EventSymbol {
    case queued, running, succeeded, failed, aborted

    /// The states as written.
    package static let symbols = ["queued", "running", "succeeded", "failed", "aborted"]
}

/// Why a module refused a patch.
package enum PatchRejection: UInt8, EventSymbol {
    case unknownKnob, wrongModule, unbounded, noExpiry, noRevertRule, noCause, notAllowed

    /// The reasons as written.
    package static let symbols = [
        "UNKNOWN_KNOB", "WRONG_MODULE", "UNBOUNDED", "NO_EXPIRY", "NO_REVERT_RULE", "NO_CAUSE", "NOT_ALLOWED",
    ]
}

/// Kind of an alarm (ENUM-26).
package enum AlarmKind: UInt8, EventSymbol {
    case dataDrift, scoreDrift, diversityDrift, lessonValidity, latency, inboxLag, deadLetter, logCorruption
    case projectionMismatch, ratchet

    /// The kinds as written.
    package static let symbols = [
        "DATA_DRIFT", "SCORE_DRIFT", "DIVERSITY_DRIFT", "LESSON_VALIDITY", "LATENCY", "INBOX_LAG", "DEAD_LETTER",
        "LOG_CORRUPTION", "PROJECTION_MISMATCH", "RATCHET",
    ]
}
