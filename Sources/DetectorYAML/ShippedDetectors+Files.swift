// Written by Tools/detector_table.py from detectors/*.yaml.

extension ShippedDetectors {
    /// The specifications, in order of their names.
    package static let files: [File] = [
        File(
            name: "candle_pin_rejection_v1",
            text: #"""
                detector: candle_pin_rejection_v1
                family: candle
                summary: Goes with the close of a bar that was rejected at the edge of its recent range.
                timeframe: 15m
                every: 60s
                horizon: 1h
                half_life_bars: 4
                params:
                  near: {value: 30, min: 5, max: 80}
                  gain: {value: 1.2, min: 0.5, max: 2.5}
                let:
                  side: 2 * close_location - 1
                  at_low: abs(distance_to_low_bps) < near
                  at_high: abs(distance_to_high_bps) < near
                  flagged: abs(or_else(pin_bar, 0)) + abs(or_else(engulfing, 0)) > 0
                signal: tanh(gain * side) * gate((at_low and side > 0) or (at_high and side < 0))
                gates:
                  shape: flagged or upper_wick_bps + lower_wick_bps > abs(body_bps)
                abstain: not present(close_location)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "candle_range_breakout_v1",
            text: #"""
                detector: candle_range_breakout_v1
                family: candle
                summary: Follows the first strong bar after a stretch of compressed ranges.
                timeframe: 5m
                every: 60s
                horizon: 1h
                half_life_bars: 6
                params:
                  stretch: {value: 15, min: 5, max: 60, whole: true}
                  tight: {value: 35, min: 15, max: 45}
                  gain: {value: 0.7, min: 0.3, max: 1.5}
                let:
                  calm: lag(sma(range_percentile, stretch), 5) < tight
                  strength: zscore(body_bps, 60)
                  wide: range_percentile > 50
                signal: tanh(gain * strength) * gate(calm and wide)
                gates:
                  volume: or_else(bar_volume_relative, 1) > 0.8
                abstain: not present(range_percentile)
                suggested_triggers:
                  - breakout(20, 2σ) AND retest(prev_high, 0.15%) WITHIN 6h
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "candle_wick_slope_v1",
            text: #"""
                detector: candle_wick_slope_v1
                family: candle
                summary: Fades the side of the longer wick, more so while the book is steep.
                timeframe: 5m
                every: 60s
                horizon: 5m
                half_life_bars: 2
                params:
                  window: {value: 60, min: 20, max: 240, whole: true}
                  gain: {value: 0.8, min: 0.3, max: 2.0}
                let:
                  asymmetry: (lower_wick_bps - upper_wick_bps) / (lower_wick_bps + upper_wick_bps + abs(body_bps) + 0.1)
                  steep: rank(depth_slope, window)
                signal: tanh(2 * gain * asymmetry) * clip(0.25 + steep, 0, 1)
                gates:
                  moved: range_percentile > 20
                abstain: not present(depth_slope)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "divergence_macd_gated_v1",
            text: #"""
                detector: divergence_macd_gated_v1
                family: divergence
                summary: Takes a MACD divergence against the histogram's side when the book does not disagree.
                timeframe: 5m
                every: 60s
                horizon: 1h
                half_life_bars: 8
                params:
                  memory: {value: 10, min: 3, max: 30, whole: true}
                  window: {value: 120, min: 40, max: 480, whole: true}
                  gain: {value: 0.8, min: 0.3, max: 2.0}
                let:
                  size: stddev(macd_histogram_bps, window)
                  side: -macd_histogram_bps / size
                  recent: hold(abs(macd_divergence) > 0, memory)
                signal: tanh(gain * side) * gate(recent)
                gates:
                  book: or_else(ema(book_imbalance_5, 10), 0) * side > -0.3
                abstain: not present(macd_divergence)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "divergence_rsi_book_tape_v1",
            text: #"""
                detector: divergence_rsi_book_tape_v1
                family: divergence
                summary: Takes an RSI divergence only when book and tape lean the same way.
                timeframe: 5m
                every: 60s
                horizon: 1h
                half_life_bars: 8
                params:
                  memory: {value: 10, min: 3, max: 30, whole: true}
                  gain: {value: 3.0, min: 1.0, max: 6.0}
                let:
                  stretch: (50 - relative_strength_index) / 50
                  book: ema(book_imbalance_5, 10)
                  tape: ema(aggressor_imbalance, 10)
                  recent: hold(abs(rsi_divergence) > 0, memory)
                signal: tanh(gain * stretch) * gate(recent)
                gates:
                  book: book * stretch > 0
                  tape: tape * stretch > 0
                abstain: not (present(rsi_divergence) and present(relative_strength_index))
                suggested_triggers:
                  - retest(prev_low, 0.2%) WITHIN 6h
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "event_basis_shock_v1",
            text: #"""
                detector: event_basis_shock_v1
                family: event
                summary: Fades a shock of the basis unless open interest is growing into it.
                timeframe: 1h
                every: 5m
                horizon: 1h
                half_life_bars: 3
                params:
                  window: {value: 72, min: 24, max: 288, whole: true}
                  shock: {value: 1.5, min: 1.0, max: 3.0}
                  gain: {value: 0.5, min: 0.2, max: 1.2}
                let:
                  z: zscore(basis_bps, window)
                  building: or_else(open_interest_change, 0) > 0.02
                signal: -tanh(gain * z) * gate(abs(z) > shock)
                gates:
                  not_building: not building
                abstain: not present(basis_bps)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "event_funding_kink_v1",
            text: #"""
                detector: event_funding_kink_v1
                family: event
                summary: Leans against the crowded side of funding when it bends back from an extreme.
                timeframe: 1h
                every: 5m
                horizon: 1h
                half_life_bars: 4
                params:
                  extreme: {value: 85, min: 70, max: 97}
                  turn: {value: 6, min: 2, max: 24, whole: true}
                  gain: {value: 1.0, min: 0.4, max: 2.0}
                let:
                  crowd: (funding_percentile - 50) / 50
                  limit: (extreme - 50) / 50
                  bend: funding_rate - ema(funding_rate, turn)
                  bending: bend * crowd < 0
                  near: if(or_else(seconds_to_funding, 99999) < 3600, 1.0, 0.7)
                signal: -tanh(gain * 2 * crowd) * near * gate(hold(abs(crowd) > limit, turn) and bending)
                abstain: not present(funding_percentile)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "event_opening_drift_v1",
            text: #"""
                detector: event_opening_drift_v1
                family: event
                summary: Follows the drift of the first hour after Europe and the United States open.
                timeframe: 5m
                every: 60s
                horizon: 1h
                half_life_bars: 6
                params:
                  minutes: {value: 60, min: 20, max: 120, whole: true}
                  begin: {value: 10, min: 5, max: 20}
                  gain: {value: 0.4, min: 0.1, max: 1.0}
                let:
                  europe: minute_of_day - 420
                  states: minute_of_day - 780
                  opening: (europe >= begin and europe < minutes) or (states >= begin and states < minutes)
                  drift: decay(mid_return_bps, 10)
                signal: tanh(gain * drift / max(stddev(drift, 120), 0.1)) * gate(opening)
                gates:
                  weekday: minute_of_week < 7200
                abstain: not present(mid_return_bps)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "order_book_imbalance_momentum_v1",
            text: #"""
                detector: order_book_imbalance_momentum_v1
                family: order_book
                summary: Follows an unusual imbalance of the five best levels when the microprice drifts the same way.
                timeframe: 1m
                every: 10s
                horizon: 5m
                half_life_bars: 3
                params:
                  window: {value: 60, min: 30, max: 240, whole: true}
                  gain: {value: 0.5, min: 0.2, max: 1.0}
                  spread_max: {value: 5, min: 1, max: 20}
                let:
                  pressure: zscore(book_imbalance_5, window)
                  drift: ema(or_else(microprice_drift_bps, 0), 6)
                signal: tanh(gain * pressure) * if(pressure * drift > 0, 1, 0.5)
                gates:
                  spread: spread_bps < spread_max
                abstain: not present(book_imbalance_5)
                suggested_triggers:
                  - breakout(20, 2σ) WITHIN 30m
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "order_book_queue_depletion_v1",
            text: #"""
                detector: order_book_queue_depletion_v1
                family: order_book
                summary: Follows a jump of the best level's imbalance when orders are being pulled faster than usual.
                timeframe: 1m
                every: 10s
                horizon: 30s
                half_life_bars: 1
                params:
                  step: {value: 2, min: 1, max: 6, whole: true}
                  window: {value: 120, min: 60, max: 360, whole: true}
                  pulled: {value: 0.7, min: 0.55, max: 0.9}
                  gain: {value: 1.5, min: 0.5, max: 3.0}
                let:
                  jump: diff(book_imbalance_1, step)
                  pulling: rank(cancel_rate, window)
                signal: tanh(gain * jump) * gate(pulling > pulled)
                gates:
                  shock: abs(or_else(imbalance_shock, 0)) < 6
                abstain: not present(cancel_rate)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "order_book_slope_tilt_v1",
            text: #"""
                detector: order_book_slope_tilt_v1
                family: order_book
                summary: Follows the side whose deep levels outweigh its best level while the book is steep.
                timeframe: 1m
                every: 10s
                horizon: 5m
                half_life_bars: 5
                params:
                  smooth: {value: 6, min: 3, max: 20, whole: true}
                  window: {value: 120, min: 60, max: 360, whole: true}
                  gain: {value: 2.0, min: 0.5, max: 4.0}
                let:
                  tilt: ema(book_imbalance_10 - book_imbalance_1, smooth)
                  steep: rank(depth_slope, window)
                signal: tanh(gain * tilt) * clip(2 * steep - 0.5, 0, 1)
                gates:
                  spread: spread_bps < 10
                abstain: not (present(depth_slope) and present(book_imbalance_10))
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "order_book_sweep_continuation_v1",
            text: #"""
                detector: order_book_sweep_continuation_v1
                family: order_book
                summary: Goes with the aggressor after a sweep of several levels until the imbalance turns against it.
                timeframe: 1m
                every: 10s
                horizon: 30s
                half_life_bars: 1
                params:
                  memory: {value: 3, min: 1, max: 10, whole: true}
                  gain: {value: 1.5, min: 0.5, max: 3.0}
                let:
                  swept: hold(sweep > 0 or or_else(sweep_count, 0) > 0, memory)
                  flow: ema(aggressor_imbalance, 3)
                signal: tanh(gain * flow) * gate(swept)
                gates:
                  agrees: or_else(book_imbalance_5, 0) * flow > -0.5
                abstain: not present(aggressor_imbalance)
                suggested_triggers:
                  - breakout(lookback=20, band=1.5σ)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "order_book_vacuum_fade_v1",
            text: #"""
                detector: order_book_vacuum_fade_v1
                family: order_book
                summary: Fades a move that was made while the best levels were nearly empty and the spread was wide.
                timeframe: 1m
                every: 10s
                horizon: 5m
                half_life_bars: 2
                params:
                  window: {value: 180, min: 60, max: 720, whole: true}
                  empty: {value: 0.2, min: 0.05, max: 0.35}
                  wide: {value: 0.6, min: 0.5, max: 0.9}
                  gain: {value: 0.6, min: 0.2, max: 1.5}
                let:
                  depth: rank(top_depth_quote, window)
                  width: rank(spread_bps, window)
                  vacuum: hold(depth < empty and width > wide, 6)
                  move: zscore(mid_return_bps, window)
                signal: -tanh(gain * move) * gate(vacuum)
                abstain: not present(top_depth_quote)
                suggested_triggers:
                  - touch(prev_low, 0.2%)
                  - touch(prev_high, 0.2%)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "tape_aggressor_persistence_v1",
            text: #"""
                detector: tape_aggressor_persistence_v1
                family: tape
                summary: Follows aggression that has stayed on one side over a short and a long mean.
                timeframe: 1m
                every: 10s
                horizon: 5m
                half_life_bars: 4
                params:
                  fast: {value: 6, min: 3, max: 18, whole: true}
                  slow: {value: 60, min: 30, max: 240, whole: true}
                  gain: {value: 2.0, min: 0.5, max: 4.0}
                let:
                  short_mean: ema(aggressor_imbalance, fast)
                  long_mean: ema(aggressor_imbalance, slow)
                signal: tanh(gain * short_mean) * gate(short_mean * long_mean > 0)
                gates:
                  active: or_else(relative_volume, 1) > 0.5
                abstain: not present(aggressor_imbalance)
                suggested_triggers:
                  - retest(prev_high, 0.15%) WITHIN 1h
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "tape_large_trade_follow_v1",
            text: #"""
                detector: tape_large_trade_follow_v1
                family: tape
                summary: Follows the side of unusually large trades, fading over the following minutes.
                timeframe: 1m
                every: 10s
                horizon: 5m
                half_life_bars: 2
                params:
                  window: {value: 240, min: 60, max: 720, whole: true}
                  large: {value: 0.95, min: 0.85, max: 0.99}
                  fade: {value: 6, min: 2, max: 24, whole: true}
                  gain: {value: 1.0, min: 0.3, max: 2.0}
                let:
                  outlier: rank(largest_trade_relative, window) > large
                  pull: decay(if(outlier, aggressor_imbalance, 0), fade)
                signal: tanh(gain * pull)
                abstain: not present(largest_trade_relative)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "tape_run_burst_v1",
            text: #"""
                detector: tape_run_burst_v1
                family: tape
                summary: Follows a run of trades on one side that is long for this market.
                timeframe: 1m
                every: 10s
                horizon: 30s
                half_life_bars: 1
                params:
                  window: {value: 240, min: 60, max: 720, whole: true}
                  long: {value: 0.85, min: 0.7, max: 0.97}
                  gain: {value: 0.8, min: 0.3, max: 2.0}
                let:
                  length: rank(abs(aggressor_run), window)
                signal: sign(aggressor_run) * tanh(gain * log1p(abs(aggressor_run))) * gate(length > long)
                gates:
                  traded: trade_count > 0
                abstain: not present(aggressor_run)
                invariants: [mirror, quote_scale]

                """#),
        File(
            name: "tape_toxic_flow_fade_v1",
            text: #"""
                detector: tape_toxic_flow_fade_v1
                family: tape
                summary: Fades a move once one-sided flow, high until now, begins to fall off.
                timeframe: 1m
                every: 10s
                horizon: 5m
                half_life_bars: 3
                params:
                  window: {value: 30, min: 12, max: 120, whole: true}
                  toxic: {value: 0.8, min: 0.65, max: 0.95}
                  gain: {value: 0.5, min: 0.2, max: 1.5}
                let:
                  toxicity: sma(abs(aggressor_imbalance), window)
                  level: rank(toxicity, 360)
                  falling: toxicity < lag(toxicity, 3)
                  move: zscore(mid_return_bps, 120)
                signal: -tanh(gain * move) * gate(hold(level > toxic, 12) and falling)
                abstain: not present(aggressor_imbalance)
                invariants: [mirror, quote_scale]

                """#),
    ]
}
