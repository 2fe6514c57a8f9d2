extension RunReport {
    /// The report as one JSON object with a line end: everything that the page shows, at full length and precision.
    ///
    /// Times are whole nanoseconds since 1970 UTC. What is not defined is null, and `<key>_undefined` says why.
    package var json: String {
        let verdict = Verdict(self)
        var object = JSONObject()
        object.add("schema", "lotus.report/1")
        object.add("title", title)
        object.add("verdict", raw: verdict.json)
        object.add("manifest", raw: manifest.json)
        object.add("costs", costs)
        object.add("windows_judged", windowsJudged)
        object.add("selection", raw: selection.json)
        object.add("detectors", detectors) { $0.json(selection) }
        object.add("strata", strata, \.json)
        object.add("withheld", withheld)
        object.add("variants", variants) { variant in
            var object = JSONObject()
            object.add("name", variant.name)
            object.add("published", variant.published)
            object.add("lost", variant.lost)
            object.add("mean_bps_change", variant.meanBpsChange)
            object.add("interval", variant.interval)
            return object.text
        }
        object.add("data", raw: data.json)
        object.add("notes", notes, Escaping.json)
        return object.text + "\n"
    }
}

extension Verdict {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("tone", tone.rawValue)
        object.add("headline", headline)
        object.add("reasons", reasons, Escaping.json)
        return object.text
    }
}

extension RunManifest {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("run_id", runID)
        object.add("kind", kind)
        object.add("status", status)
        object.add("command_line", commandLine)
        object.add("code_revision", codeRevision)
        object.add("code_modified", raw: "\(isModified)")
        object.add("seed", raw: "\(seed)")
        object.add("span", span)
        object.add("ran", started)
        object.add("inputs", inputs) { input in
            var object = JSONObject()
            object.add("name", input.name)
            object.add("bytes", input.bytes)
            object.add("sha256", input.sha256)
            return object.text
        }
        object.add("configuration_digest", configurationDigest)
        object.add("configuration", configuration)
        object.add("priors_versions", priorsVersions)
        object.add("walk_forward", raw: walkForward?.json ?? "null")
        object.add("output_digest", outputDigest)
        object.add("proven", raw: isProven.map { "\($0)" } ?? "null")
        return object.text
    }
}

extension WalkForwardPlan {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("train", train)
        object.add("validate", validate)
        object.add("test", test)
        object.add("step", step)
        object.add("purge", purge)
        object.add("embargo", embargo)
        return object.text
    }
}

extension Selection {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("trials", trials)
        object.add("effective_trials", effectiveTrials)
        object.add("effective_method", effectiveMethod)
        object.add("lucky_sharpe", luckySharpe)
        object.add("backtest_years_min", backtestYearsMin)
        object.add("pbo", overfitting)
        object.add("pbo_blocks", overfittingBlocks)
        object.add("pbo_configurations", overfittingConfigurations)
        object.add("pbo_logit_deviation", overfittingSpread)
        object.add("loss_probability", lossProbability)
        return object.text
    }
}

extension DataSection {
    fileprivate var json: String {
        var object = JSONObject()
        object.add("events", events)
        object.add("instruments", instruments) { instrument in
            var object = JSONObject()
            object.add("name", instrument.name)
            object.add("venue", instrument.venue)
            object.add("events", instrument.events)
            object.add("span", instrument.span)
            return object.text
        }
        object.add("events_by_type", eventCounts)
        object.add("gaps", gaps) { gap in
            var object = JSONObject()
            object.add("instrument", gap.instrument)
            object.add("from_nanos", raw: "\(gap.span.fromNanos)")
            object.add("to_nanos", raw: "\(gap.span.toNanos)")
            object.add("reason", gap.reason)
            return object.text
        }
        object.add("rejects", rejects)
        return object.text
    }
}
