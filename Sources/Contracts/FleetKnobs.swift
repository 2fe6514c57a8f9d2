import Events

/// The knobs of the modules with their bounds (SCH-HER-4, PRI-21, requirements section 26).
enum FleetKnobs {
    static func of(_ module: Module) -> [Knob] {
        switch module {
        case .sig: signalEngine
        case .dm: decisionMaker
        case .tr: trader
        case .mkt, .vis, .herald, .weave, .ops: []
        }
    }

    private static let signalEngine = [
        // SIG-01, SIG-04, SIG-05.
        Knob("sig.blend_u", .additive, base: 0.6, range: 0.4...0.8, step: 0.05),
        Knob("sig.beta_mx", .additive, base: 0.10, range: 0...0.15, step: 0.02),
        Knob("sig.gamma_mx", .additive, base: 0.05, range: 0...0.12, step: 0.02),
        // BUS-04.
        Knob("sig.tau_publish", .additive, base: 0.35, range: 0.2...0.6, step: 0.05),
        Knob("sig.kairos_min", .additive, base: 0.55, range: 0.3...0.8, step: 0.05),
        Knob("sig.entrain_min", .additive, base: 0.45, range: 0.3...0.8, step: 0.05),
        Knob("sig.uncert_max", .additive, base: 0.15, range: 0.05...0.3, step: 0.05),
        // PRI-20.
        Knob("kr.theta_delta_cap", .additive, base: 0.20, range: 0.05...0.20, step: 0.05),
        Knob("kr.phi_mult_cap", .multiplicative, base: 1.15, range: 1...1.15, step: 0.05),
        // SIG-07.
        Knob("gates.required_mx_confirm", .boolean, base: 0, range: 0...1, step: 1),
    ]

    private static let decisionMaker = [
        // DM-14, DM-17.
        Knob("dm.crowd_c", .multiplicative, base: 1, range: 0.5...2),
        Knob("dm.orthogonality_floor", .additive, base: 0.6, range: 0.3...0.8, step: 0.05),
        Knob("dm.turnover_penalty", .multiplicative, base: 0.02, range: 0.01...0.04),
        Knob("dm.turnover_day_max", .multiplicative, unit: "1/d", base: 0.35, range: 0.1...0.5),
        Knob("dm.gross_max", .multiplicative, base: 1.5, range: 0.5...2),
    ]

    private static let trader = [
        // TR-09: execution knobs only.
        Knob("tr.urgency_threshold", .additive, base: 0.5, range: 0...1, step: 0.1),
        Knob("tr.passive_bias", .additive, base: 0.5, range: 0...1, step: 0.1),
        Knob("tr.iceberg_share", .multiplicative, base: 0.2, range: 0.05...0.4),
        Knob("tr.trigger_tolerance", .multiplicative, unit: "bps", base: 15, range: 5...30),
    ]
}
