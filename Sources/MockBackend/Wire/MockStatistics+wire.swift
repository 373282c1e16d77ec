import StrictJSON

extension MockStatistics {
    /// The figures as JSON, with the requests by their ids if they are asked for.
    package func json(withRequests: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("requests", Int64(requests))
            writer.member("running", Int64(running))
            writer.member("completed", Int64(completed))
            writer.member("cancelled", Int64(cancelled))
            writer.member("failed", Int64(failed))
            writer.member("prompt_tokens", Int64(promptTokens))
            writer.member("completion_tokens", Int64(completionTokens))
            guard withRequests else { return }
            writer.object("requests_by_id") { writer in
                for (id, record) in records {
                    writer.name(named: id)
                    writer.object { writer in
                        writer.member("attempts", Int64(record.attempts))
                        writer.member("prompt_tokens", Int64(record.promptTokens))
                        writer.member("completion_tokens", Int64(record.completionTokens))
                        writer.member("outcome", record.outcome.rawValue)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// The figures for Prometheus, by the names of vLLM and of Triton.
    package func exposition(models: [String], maximumConcurrent: Int?) -> String {
        // The figures are not kept by model: the first one has them.
        let model = models.first ?? ""
        let label = model.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
        let usage = maximumConcurrent.map { $0 > 0 ? Double(running) / Double($0) : 0 } ?? 0
        let families: [(name: String, type: String, value: String)] = [
            ("vllm:num_requests_running", "gauge", String(running)),
            ("vllm:num_requests_waiting", "gauge", "0"),
            ("vllm:kv_cache_usage_perc", "gauge", String(min(1, usage))),
            ("vllm:prompt_tokens_total", "counter", String(promptTokens)),
            ("vllm:generation_tokens_total", "counter", String(completionTokens)),
            ("vllm:request_success_total", "counter", String(completed)),
        ]
        var text = ""
        for (name, type, value) in families {
            text += "# TYPE \(name) \(type)\n\(name){model_name=\"\(label)\"} \(value)\n"
        }
        let pending = "nv_inference_pending_request_count"
        return text + "# TYPE \(pending) gauge\n\(pending){model=\"\(label)\",version=\"1\"} 0\n"
    }
}
