// Sixteen exchanges as people have them with an agent: short questions, answers of a paragraph. For what an index costs.

export const ORDINARY_CHAT: readonly (readonly [question: string, answer: string])[] = [
  [
    "Can you help me plan a week in Lisbon in May?",
    "Gladly. May is mild, around 22 degrees, and the crowds of summer have not arrived yet. I would take three days for the city itself, a day trip to Sintra, one on the coast at Cascais, and keep two free for what you find on the way. Do you prefer museums, food or walking?",
  ],
  [
    "Mostly food and walking, museums only if it rains",
    "Then start in Alfama, early, before the trams fill up, and walk up to Graça for the view. For lunch look for a tasca with a handwritten menu: grilled sardines begin in May. In the evening Campo de Ourique has a small market hall that locals actually use.",
  ],
  [
    "how do i get to sintra?",
    "By train from Rossio station, every twenty minutes, about forty minutes each way. Buy the ticket at the machine and go before nine: the palace gardens are quiet until the buses come. Wear real shoes, the paths are steep and often wet.",
  ],
  [
    "Is Pena palace worth it?",
    "The outside and the park are; the rooms are crowded and much like other palaces. A ticket for the park alone is cheaper and lets you onto the terraces. If you want one interior, Monserrate is calmer and, to my mind, more beautiful.",
  ],
  [
    "ok thanks. remind me what the budget was",
    "You have not told me a budget yet. As a rule of thumb, a couple spends about 90 euros a day on food and transport there, and 110 to 150 on a decent room in May.",
  ],
  [
    "Let's say 2000 for everything without flights",
    "That works. Seven nights at 125 make 875, food and transport 630, Sintra and Cascais about 120 with tickets, which leaves some 375 for surprises. I would book the room soon: May weekends go first.",
  ],
  [
    "Something else: my build fails with 'heap out of memory' in CI but not locally",
    "That usually means the runner has less memory than your machine, and Node sizes its heap by what it sees. Check what the runner offers, then set the heap explicitly, for example with --max-old-space-size=4096. If it still grows, the type checker is often the cause: run it as a step of its own.",
  ],
  [
    "it has 7 GB",
    "Then 4 GB for the heap is safe. Please also look whether the bundler and the tests run at the same time: two processes with 4 GB each would not fit, and the kernel would end one of them without a message of Node's.",
  ],
  [
    "they do run in parallel, yes",
    "Run them one after the other, or give each 3 GB. I would try the first: it costs a minute of build time and removes the guesswork. If the build then passes, you know it was the sum and not a leak.",
  ],
  [
    "That fixed it! Thank you",
    "Good to hear. I would leave a comment beside the setting that says why, so that nobody turns parallel runs back on without thinking of it.",
  ],
  [
    "what could I cook tonight with chickpeas, spinach and one lemon",
    "A quick stew: soften an onion and two cloves of garlic in olive oil, add cumin and a pinch of chilli, then the chickpeas with half of their water. After ten minutes stir in the spinach until it wilts, and finish with lemon juice and zest. Bread or rice beside it.",
  ],
  [
    "no onion in the house",
    "Then start with the garlic and a spoon of tomato paste instead, fried until it darkens. It gives the depth the onion would have given. A little yoghurt on top is good too.",
  ],
  [
    "How long do cooked chickpeas keep?",
    "Three to four days in the fridge in a closed container, or three months frozen. Keep them in their cooking water: they stay softer and the water is useful for soups.",
  ],
  [
    "Please draft a short mail to my landlord: the heating in the bedroom is broken since Monday",
    "Subject: Heating in the bedroom\n\nDear Mr Almeida,\n\nsince Monday the radiator in the bedroom stays cold, although the others work. I have bled it, without success. Could you send somebody this week? I am at home on Thursday after four and all of Friday.\n\nKind regards",
  ],
  [
    "Make it a bit firmer, it's the second time this winter",
    "Dear Mr Almeida,\n\nfor the second time this winter the heating in the bedroom has failed; the radiator has been cold since Monday. Please have it repaired by Friday, and the cause found, not only the symptom. I am at home on Thursday after four and all of Friday.\n\nKind regards",
  ],
  [
    "perfect, that's all for today",
    "Glad to help. The trip, the build and the mail are done; the room in Lisbon is what still waits. Good night!",
  ],
];
