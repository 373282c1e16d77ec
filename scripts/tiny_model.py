"""Makes a tiny language model of random numbers, in the format of llama.cpp.

    tiny_model.py FILE

It has one layer and a token for each byte, and says nothing that means anything: just what is
needed to see a real inference server generate. The numbers follow from a seed.
"""

import sys

import gguf
import numpy

WIDTH, HIDDEN, HEADS, CONTEXT = 64, 128, 4, 512
#: Pieces of text besides the single bytes, so that most of what is said can be read.
WORDS = ["▁the", "▁weir", "▁flow", "▁water", "▁deep", "▁and", "▁runs", "▁river", "."]


def main(path: str) -> None:
    random = numpy.random.default_rng(7)
    writer = gguf.GGUFWriter(path, "llama")
    tokens = [b"<unk>", b"<s>", b"</s>"]
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    tokens += [f"<0x{byte:02X}>".encode() for byte in range(256)]
    types += [gguf.TokenType.BYTE] * 256
    tokens += [word.encode() for word in WORDS]
    types += [gguf.TokenType.NORMAL] * len(WORDS)

    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(len(tokens))])
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    def matrix(name: str, *shape: int) -> None:
        writer.add_tensor(name, random.normal(0, 0.5, shape).astype(numpy.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, numpy.ones(WIDTH, dtype=numpy.float32))

    matrix("token_embd.weight", len(tokens), WIDTH)
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        matrix(f"blk.0.{part}.weight", WIDTH, WIDTH)
    matrix("blk.0.ffn_gate.weight", HIDDEN, WIDTH)
    matrix("blk.0.ffn_up.weight", HIDDEN, WIDTH)
    matrix("blk.0.ffn_down.weight", WIDTH, HIDDEN)
    for part in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        ones(f"{part}.weight")
    matrix("output.weight", len(tokens), WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1])
