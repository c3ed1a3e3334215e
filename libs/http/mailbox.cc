#include "libs/http/mailbox.h"

#include <boost/asio/post.hpp>

#include "libs/http/connection.h"
#include "libs/http/web_socket_session.h"

namespace trunkline::http {

void Mailbox::HandOver(Letter letter) {
  if (const auto target = letter.first.lock()) {
    target->OnAnswer(std::move(letter.second));
  } else {
    Drop(letter.second);
  }
}

void Mailbox::Drop(const Answer& answer) {
  if (answer.web_socket != nullptr) answer.web_socket->NoteClosed(kConnectionLost);
  if (answer.body != nullptr) answer.body->Abandon();
}

void Mailbox::Deliver(const std::weak_ptr<Connection>& connection, Answer answer) {
  if (owner_.load() == std::this_thread::get_id()) {
    HandOver({connection, std::move(answer)});
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) {
      letters_.emplace_back(connection, std::move(answer));
      // One wake-up takes everything that comes until the loop looks.
      if (letters_.size() + woken_.size() == 1) boost::asio::post(*context_, [this] { HandOut(); });
      return;
    }
  }
  Drop(answer);
}

void Mailbox::Wake(const std::weak_ptr<WebSocketSession>& session) {
  if (owner_.load() == std::this_thread::get_id()) {
    if (const auto target = session.lock()) target->OnWake();
    return;
  }
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  woken_.push_back(session);
  if (letters_.size() + woken_.size() == 1) boost::asio::post(*context_, [this] { HandOut(); });
}

void Mailbox::HandOut() {
  {
    const std::lock_guard lock(mutex_);
    in_hand_.swap(letters_);
    woken_in_hand_.swap(woken_);
  }
  for (Letter& letter : in_hand_) HandOver(std::move(letter));
  for (const std::weak_ptr<WebSocketSession>& session : woken_in_hand_) {
    if (const auto target = session.lock()) target->OnWake();
  }
  in_hand_.clear();
  woken_in_hand_.clear();
}

void Mailbox::Close() {
  std::vector<Letter> undelivered;
  {
    const std::lock_guard lock(mutex_);
    owner_ = std::thread::id();
    context_ = nullptr;
    undelivered.swap(letters_);
    woken_.clear();
  }
  for (const auto& [connection, answer] : undelivered) Drop(answer);
}

}  // namespace trunkline::http
