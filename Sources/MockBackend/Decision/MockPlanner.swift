/// Decides what happens to each request.
///
/// The decision depends on the settings, the request and its number only, so that a run can be
/// repeated.
package struct MockPlanner: Sendable {
    /// What is decided.
    package enum Decision: Sendable, Equatable {
        /// It is answered with an error.
        case refuse(MockRefusal)
        /// The connection ends without an answer.
        case reset
        /// It is answered.
        case answer(MockPlan)
    }

    let settings: MockSettings

    /// Decides by these settings.
    package init(_ settings: MockSettings) {
        self.settings = settings
    }

    /// Decides what happens to a request.
    ///
    /// - Parameters:
    ///   - request: what it asks for.
    ///   - number: how many came before it.
    ///   - running: how many are being answered.
    /// - Returns: what is to be done.
    package func decide(_ request: MockRequest, number: UInt64, running: Int) -> Decision {
        guard settings.models.contains(request.model) else {
            return .refuse(.unknownModel(request.model))
        }
        if let most = settings.maximumConcurrent, running >= most { return .refuse(.overloaded) }
        var random = MockRandom(seed: settings.seed, request: number)
        let drawnFault = drawFault(&random)
        let drawnLength = drawLength(&random)
        let fault = request.directive.fault ?? drawnFault
        var plan = MockPlan(request: request)
        setLength(of: &plan, to: request.directive.tokens ?? drawnLength)
        setPace(of: &plan)
        switch fault {
        case .none, .wrongUsage: break
        case .fail(let status): return .refuse(.injected(status: status))
        case .reset: return .reset
        case .stall: plan.fault = .stall
        case .garbage: plan.fault = .garbage
        case .cut(let after): plan.fault = .cut(after: after ?? middle(of: plan, &random))
        case .errorInStream(let after):
            // Without a stream the status can still say it.
            guard request.isStream else {
                return .refuse(.injected(status: settings.failStatus))
            }
            plan.fault = .errorInStream(after: after ?? middle(of: plan, &random))
        case .endless: plan.fault = request.isStream ? .endless : .stall
        }
        plan.usage = usage(of: plan, isWrong: fault == .wrongUsage)
        return .answer(plan)
    }

    private func drawFault(_ random: inout MockRandom) -> MockFault {
        let faults = settings.faults
        var draw = Double(random.next() >> 11) / Double(1 << 53) * 100
        let kinds: [(percent: Double, fault: MockFault)] = [
            (faults.fail, .fail(status: settings.failStatus)), (faults.cut, .cut(after: nil)),
            (faults.stall, .stall), (faults.errorInStream, .errorInStream(after: nil)),
            (faults.garbage, .garbage), (faults.wrongUsage, .wrongUsage),
            (faults.reset, .reset),
        ]
        for (percent, fault) in kinds {
            if draw < percent { return fault }
            draw -= percent
        }
        return .none
    }

    private func drawLength(_ random: inout MockRandom) -> Int {
        let spread = settings.outputTokens * settings.outputTokensSpread / 100
        guard spread > 0 else { return settings.outputTokens }
        let range = max(1, settings.outputTokens - spread)...(settings.outputTokens + spread)
        return Int.random(in: range, using: &random)
    }

    private func setLength(of plan: inout MockPlan, to drawn: Int) {
        let request = plan.request
        guard request.endpoint != .embedding else { return }
        let most = max(1, MockSettings.maximumTokens / max(1, request.choices))
        plan.length = min(drawn, request.maximumTokens ?? .max, most)
        plan.isCapped = request.maximumTokens.map { $0 <= drawn } ?? (drawn > most)
        if request.endpoint == .chat {
            plan.reasoning = plan.length * settings.reasoningPercent / 100
        }
    }

    private func setPace(of plan: inout MockPlan) {
        let reading = TokenPace.nanoseconds(
            of: plan.request.promptTokens, perSecond: settings.promptTokensPerSecond)
        plan.firstTokenNanoseconds =
            UInt64(max(0, settings.firstTokenMilliseconds)) * 1_000_000 + reading
        plan.tokensPerSecond = settings.tokensPerSecond
    }

    private func middle(of plan: MockPlan, _ random: inout MockRandom) -> Int {
        Int.random(in: 0...max(0, plan.tokens - 1), using: &random)
    }

    private func usage(of plan: MockPlan, isWrong: Bool) -> MockUsage? {
        guard settings.givesUsage, !plan.request.endpoint.isTriton else { return nil }
        let prompt = plan.request.promptTokens
        let usage = MockUsage(
            promptTokens: prompt, cachedTokens: prompt * settings.cachedPercent / 100,
            completionTokens: plan.tokens,
            reasoningTokens: plan.reasoning * plan.request.choices)
        return isWrong ? usage.contradicted : usage
    }
}
