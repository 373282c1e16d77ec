import QuotaModel
import StrictJSON

extension ExplainedRequest {
    /// Writes the request with its attempts.
    ///
    /// - Parameters:
    ///   - showsBackends: whether the one who asks may know where the backends are.
    ///   - writer: where it is written.
    func write(showsBackends: Bool, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("endpoint", endpoint)
            writer.member("model", model.text)
            writer.member("outcome", outcome)
            writer.member("duration_ms", attempts.last?.end.map { $0.endedAfter.milliseconds })
            writer.member("cost", currency == nil ? nil : Money.text(nano: cost))
            writer.member("currency", currency)
            writer.member("prices", currency == nil ? nil : prices)
            writer.array("attempts") { writer in
                for attempt in attempts {
                    attempt.write(currency, showsBackends: showsBackends, to: &writer)
                }
            }
        }
    }
}

extension ExplainedRequest.Attempt {
    fileprivate func write(
        _ currency: String?,
        showsBackends: Bool,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("decision_id", decision.id)
            writer.member("allowed", decision.isAllowed)
            writer.member("begun_after_ms", begunAfter.milliseconds)
            writer.object("estimate") { writer in
                writer.member("input_tokens", estimate.input)
                writer.member("output_tokens", estimate.output)
            }
            writer.charges("held", held)
            guard let end else {
                for name in Self.endMembers { writer.null(name) }
                return
            }
            writer.member("outcome", end.outcome)
            writer.member("backend", showsBackends ? end.backend : nil)
            writer.member("failure", end.failure)
            writer.member("detail", showsBackends ? end.detail : nil)
            writer.member("extended_tokens", end.extendedTokens)
            // Of nothing nobody can be the source.
            if end.usedSomething { end.writeUsage(to: &writer) } else { writer.null("usage") }
            writer.charges("booked", end.booked)
            writer.member(
                "cost", currency == nil || end.isVoided ? nil : Money.text(nano: end.cost))
            writer.member("first_byte_after_ms", end.firstByteAfter?.milliseconds)
            writer.member("ended_after_ms", end.endedAfter.milliseconds)
        }
    }

    /// What is null as long as an attempt has not ended.
    private static var endMembers: [StaticString] {
        [
            "outcome", "backend", "failure", "detail", "extended_tokens", "usage", "booked",
            "cost", "first_byte_after_ms", "ended_after_ms",
        ]
    }
}

extension ExplainedRequest.End {
    fileprivate var usedSomething: Bool { !isVoided && (tokens.input > 0 || tokens.output > 0) }

    fileprivate func writeUsage(to writer: inout JSONWriter) {
        writer.object("usage") { writer in
            writer.member("input_tokens", tokens.input)
            writer.member("cached_input_tokens", tokens.cachedInput)
            writer.member("output_tokens", tokens.output)
            writer.member("reasoning_tokens", tokens.reasoning)
            writer.member("source", tokens.isEstimated ? "estimated" : "backend")
            writer.member("contradicts_stream", isContradictory)
        }
    }
}

extension JSONWriter {
    /// Writes units of meters.
    fileprivate mutating func charges(_ name: StaticString, _ charges: [Charge]) {
        array(name) { writer in
            for charge in charges {
                writer.object { writer in
                    writer.member("meter", charge.meter.text)
                    writer.member("amount", charge.amount)
                }
            }
        }
    }
}

extension Int64 {
    /// Nanoseconds as milliseconds, to the microsecond.
    fileprivate var milliseconds: Double { Double(self / 1_000) / 1_000 }
}
