// A few replies that agents send often, in the conversation's language. What stands here is what goes into the composer.

const zhHans = [
  ["hello", "您好，我是人工客服，已经看过您前面的记录，马上为您处理。"],
  ["wait", "请稍等，我核实一下，两分钟内回复您。"],
  ["order", "麻烦您发一下订单号，我马上为您查。"],
  ["picture", "麻烦您拍一张清楚的照片发过来，方便我们核实。"],
  ["hurry", "我已经联系快递催促，有进展第一时间告诉您。"],
  ["refund", "退款已提交，会原路退回，到账后您会收到通知。"],
  ["sorry", "给您带来不便，非常抱歉。"],
  ["bye", "还有什么可以帮您的吗？没有的话，祝您生活愉快。"],
];

const zhHantHK = [
  ["hello", "您好，我是客服專員，已看過您之前的記錄，馬上為您處理。"],
  ["wait", "請稍等，我核實一下，兩分鐘內回覆您。"],
  ["order", "麻煩您提供訂單編號，我馬上為您查詢。"],
  ["picture", "麻煩您拍一張清楚的相片傳過來，方便我們核實。"],
  ["hurry", "已聯絡速遞公司跟進，有進展會第一時間通知您。"],
  ["refund", "退款已提交，會退回原本的付款方式，到帳後您會收到通知。"],
  ["sorry", "為您帶來不便，非常抱歉。"],
  ["bye", "還有甚麼可以幫您嗎？沒有的話，祝您生活愉快。"],
];

const en = [
  ["hello", "Hello, I have read what was said so far and will take care of it now."],
  ["wait", "One moment please, I will check and answer within two minutes."],
  ["order", "Could you send me the order number? I will look it up right away."],
  ["picture", "Could you send a clear photo, so that we can check it?"],
  ["hurry", "I have asked the courier to hurry and will tell you as soon as there is news."],
  ["refund", "The refund is on its way to your original payment method; you will be told when it arrives."],
  ["sorry", "I am sorry for the trouble this has caused."],
  ["bye", "Is there anything else I can help with? If not, have a good day."],
];

const REPLIES = { "zh-Hans": zhHans, "zh-Hant-HK": zhHantHK, en };

/** [{name, text}] whose name begins with, or whose text has, what is typed after the slash. */
export function cannedReplies(language, typed = "") {
  const wanted = typed.trim().toLowerCase();
  return (REPLIES[language] ?? zhHans)
    .filter(([name, text]) => name.startsWith(wanted) || text.toLowerCase().includes(wanted))
    .map(([name, text]) => ({ name, text }));
}
