import StrictJSON
import Testing

@testable import WeirCommand

/// What `weir explain` prints for people.
struct ExplanationTextTests {
    @Test func aRefusalSaysWhichLimitWhenAndWhichPlan() throws {
        let answer = try json(
            #"""
            {"allowed":false,"enforced":true,"decision_id":"d_1","tenant":"acme","key":null,
            "plan":"free","as_of":"2026-11-22T10:00:00.000Z","limits":[{"id":
            "tenant:api_calls/month","limit":10,"used":10,"held":0,"remaining":0,"reset_at":
            "2026-12-01T00:00:00.000Z","source":"plan","mode":"enforce"}],"denied_by":{"id":
            "tenant:api_calls/month","requested":1,"available":0,"retry_after_ms":90061000,
            "reason":"quota_exceeded","upgrade":{"plan":"pro","limit":500}},"warnings":[],
            "violated-policies":["tenant:api_calls/month"]}
            """#)
        let text = ExplanationText.text(answer)
        for part in [
            "refused (quota_exceeded): tenant acme, plan free",
            "tenant:api_calls/month: 1 requested, 0 available; again in 1 d 1 h",
            "plan pro would allow 500", "2026-12-01",
        ] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func aRequestTellsEachAttempt() throws {
        let answer = try json(
            #"""
            {"allowed":true,"enforced":true,"decision_id":"d_1","tenant":"acme","key":null,
            "plan":"free","limits":[],"denied_by":null,"warnings":[],"request":{"id":"q\u001b",
            "endpoint":"chat.completions","model":"small","outcome":"refused","duration_ms":null,
            "cost":"0.0001","currency":"USD","prices":"v7","attempts":[{"decision_id":"d_1",
            "allowed":true,"begun_after_ms":0.1,"estimate":{"input_tokens":5,"output_tokens":9},
            "held":[{"meter":"ai_tokens","amount":14}],"outcome":"failed","backend":"b:1/v1",
            "failure":"broken_off","detail":"it hung up","extended_tokens":3,"usage":{
            "input_tokens":5,"cached_input_tokens":0,"output_tokens":2,"reasoning_tokens":0,
            "source":"estimated","contradicts_stream":false},"booked":[{"meter":"ai_tokens",
            "amount":7}],"cost":"0.0001","first_byte_after_ms":2.5,"ended_after_ms":9.0},
            {"decision_id":"d_2","allowed":false,"held":[]}]}}
            """#)
        #expect(
            ExplanationText.text(answer)
                .hasSuffix(
                    #"""
                    request q\u{1b}: chat.completions, model small, refused
                    cost 0.0001 USD, prices v7

                    attempt 1, d_1:
                      outcome    failed (broken_off: it hung up)
                      backend    b:1/v1
                      estimate   5 input, 9 output tokens
                      used       5 input (0 cached), 2 output (0 reasoning) tokens, \#
                    estimated, or counted on the wire
                      held       ai_tokens 14; 3 tokens more while the answer came
                      booked     ai_tokens 7
                      time       from 0.1 ms to 9.0 ms, the answer began at 2.5 ms

                    attempt 2, d_2:
                      outcome    refused by a limit

                    """#))
    }

    @Test func whatWasBookedIsAList() throws {
        let answer = try json(
            #"""
            {"decision_id":"d_1","tenant":"acme","allowed":true,"events":[{"meter":"ai_tokens",
            "units":7,"overage":0,"key":"k_1","model":null,"admitted_at":"a","posted_at":"p",
            "metadata":{"outcome":"completed"}}]}
            """#)
        let text = ExplanationText.text(answer)
        #expect(text.contains("tenant acme; this was booked"))
        #expect(text.contains("ai_tokens"))
        #expect(text.contains(#"{"outcome":"completed"}"#))
    }
}
