// See node.h.
#include "node.h"

namespace aigate::syntax {

bool can_be_empty(const Node& node) {
    switch (node.kind) {
        case Node::Kind::Empty: case Node::Kind::Assert: return true;
        case Node::Kind::Class: case Node::Kind::Byte: return false;
        case Node::Kind::Repeat: return node.least == 0 || can_be_empty(*node.parts[0]);
        case Node::Kind::Concat:
            for (const NodePtr& part : node.parts)
                if (!can_be_empty(*part)) return false;
            return true;
        case Node::Kind::Either:
            for (const NodePtr& part : node.parts)
                if (can_be_empty(*part)) return true;
            return false;
    }
    return true;
}

}  // namespace aigate::syntax
