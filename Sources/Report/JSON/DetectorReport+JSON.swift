extension DetectorReport {
    /// One JSON object.
    func json(_ selection: Selection) -> String {
        var object = JSONObject()
        object.add("id", id)
        object.add("family", family)
        object.add("state", state)
        object.add("definition", definition)
        object.add("horizon", horizon)
        object.add("finding", finding(selection).rawValue)
        object.add("tests_not_passed", missing(selection), Escaping.json)
        object.add("windows", windows)
        object.add("scored", scored)
        object.add("abstained", abstained)
        object.add("sigma_median", sigmaMedian)
        object.add("out_of_sample", raw: overall.json)
        object.add("in_sample", raw: inSample?.json ?? "null")
        object.add("efficiency", efficiency)
        object.add("baselines", baselines, \.json)
        object.add("folds", folds, \.json)
        object.add("calibration", raw: calibration.json)
        object.add("scores", raw: scores?.json ?? "null")
        object.add("outcomes", outcomes, \.json)
        object.add("strata", strata, \.json)
        object.add("notes", notes, Escaping.json)
        return object.text
    }
}

extension FoldReport {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("number", number)
        object.add("train", train)
        object.add("test", test)
        object.add("priors_version", priorsVersion)
        object.add("in_sample", raw: inSample?.json ?? "null")
        object.add("out_of_sample", raw: outOfSample.json)
        object.add("curve", curve.points) { "[\($0.timeNanos),\(JSONObject.number($0.cumulativeBps))]" }
        object.add("curve_points_rejected", curve.rejected)
        object.add("notes", notes, Escaping.json)
        return object.text
    }
}

extension Performance {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("judged", judged)
        object.add("hits", hits)
        object.add("hit_rate", hitRate)
        object.add("hit_interval", hitInterval)
        object.add("mean_bps", meanBps)
        object.add("mean_interval", meanInterval)
        object.add("total_bps", totalBps)
        object.add("drawdown_bps", drawdownBps)
        object.add("mfe_bps", favourableBps)
        object.add("mae_bps", adverseBps)
        object.add("sharpe", raw: sharpe.json)
        return object.text
    }
}

extension SharpeRatio {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("convention", convention.label)
        object.add("per_period", perPeriod)
        object.add("annualised", annualised)
        object.add("periods_per_year", convention.periodsPerYear)
        object.add("trials", trials)
        object.add("effective_trials", effectiveTrials)
        object.add("psr", probabilistic)
        object.add("dsr", deflated)
        return object.text
    }
}

extension Baseline {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("kind", kind.rawValue)
        object.add("mean_bps", meanBps)
        object.add("total_bps", totalBps)
        object.add("permutations", permutations)
        object.add("exceedance", exceedance)
        return object.text
    }
}

extension Calibration {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("brier", brier)
        object.add("log_loss", logLoss)
        object.add("error", error)
        object.add("bins", bins) { bin in
            let performance = Performance(judged: bin.count, hits: bin.hits)
            var object = JSONObject()
            object.add("forecast", bin.forecast)
            object.add("count", bin.count)
            object.add("hits", bin.hits)
            object.add("share", performance.hitRate)
            object.add("interval", performance.hitInterval)
            return object.text
        }
        return object.text
    }
}

extension Histogram {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("label", label)
        object.add("unit", unit)
        object.add("edges", edges) { JSONObject.number($0) }
        object.add("counts", counts) { "\($0)" }
        object.add("below", below)
        object.add("above", above)
        if !reason.isEmpty { object.add("undefined", reason) }
        return object.text
    }
}

extension StrataTable {
    /// One JSON object.
    var json: String {
        var object = JSONObject()
        object.add("dimension", dimension)
        object.add("rows", rows) { row in
            var object = JSONObject()
            object.add("name", row.name)
            object.add("lift", row.lift)
            object.add("performance", raw: row.performance.json)
            return object.text
        }
        return object.text
    }
}
